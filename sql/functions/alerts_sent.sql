-- The answer to take_alerts(): the message was sent, or why it was not. A channel that fails is
-- left alone for longer each time, and the log says so once, not at every attempt.

create or replace function stocksync.alerts_sent(
    p_channel text,
    p_delivery bigint,
    p_error text default null,
    p_retry_after interval default null,
    p_at timestamptz default clock_timestamp()
)
returns void
language plpgsql
volatile
security definer -- nobody writes by hand what was told
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_before stocksync.alert_channels;
begin
    select * into v_before
    from stocksync.alert_channels as c
    where c.channel = p_channel and c.delivery = p_delivery and c.claimed_at is not null
    for no key update;

    -- The claim had lapsed, and another one sends it.
    if not found then
        return;
    end if;

    if p_error is null then
        update stocksync.alert_channels as c
        set claimed_at = null, sent_at = p_at, failures = 0, retry_at = null, error = null
        where c.channel = p_channel;

        update stocksync.alert_deliveries as d
        set sent_at = case when d.event = 'resolved' then d.sent_at else p_at end,
            resolution_sent_at = case when d.event = 'resolved' then p_at end
        where d.channel = p_channel and d.delivery = p_delivery;

        if v_before.failures > 0 then
            perform stocksync._write_log(
                'info', 'alerts are delivered again',
                p_context => jsonb_build_object(
                    'channel', p_channel, 'failures', v_before.failures
                )
            );
        end if;
    else
        update stocksync.alert_channels as c
        set claimed_at = null,
            failures = c.failures + 1,
            -- half a minute, then twice as long each time, up to half an hour
            retry_at = p_at + greatest(
                p_retry_after, interval '30 seconds' * power(2, least(c.failures, 6))
            ),
            error = p_error
        where c.channel = p_channel;

        if v_before.failures = 0 then
            perform stocksync._write_log(
                'error', 'alerts could not be delivered',
                p_context => jsonb_build_object('channel', p_channel, 'error', p_error)
            );
        end if;
    end if;
end;
$function$;

comment on function stocksync.alerts_sent(text, bigint, text, interval, timestamptz) is
    'Records that the message with this number, from stocksync.take_alerts(), was sent; or, with p_error, that it was not: it is handed out again later, not before p_retry_after. Does nothing if another session has taken it over meanwhile.';
