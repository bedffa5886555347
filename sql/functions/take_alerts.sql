-- What a channel is to be told now, as one message however many alerts there are, claimed for the
-- caller: two senders never get the same. A sender that dies leaves a claim that lapses, so that an
-- alert is sent at least once.

create or replace function stocksync.take_alerts(
    p_channel text,
    p_at timestamptz default clock_timestamp()
)
returns jsonb
language plpgsql
volatile
security definer -- nobody writes by hand what was told
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lapses_after constant interval := '2 minutes';
    v_listed constant bigint := 50; -- of each rule
    v_settings stocksync.settings;
    v_channel stocksync.alert_channels;
    v_message jsonb;
begin
    -- Only then, since even "do nothing" would wait for another one who is taking.
    if not exists (select from stocksync.alert_channels as c where c.channel = p_channel) then
        insert into stocksync.alert_channels (channel, known_since) values (p_channel, p_at)
        on conflict do nothing;
    end if;

    select * into v_channel
    from stocksync.alert_channels as c
    where c.channel = p_channel
    for no key update skip locked;
    select * into v_settings from stocksync.settings;

    if v_channel.channel is null -- another one is taking
        or v_channel.claimed_at > p_at - v_lapses_after
        or v_channel.retry_at > p_at
        or v_channel.sent_at > p_at - v_settings.alert_every
    then
        return null;
    end if;

    with open as (
        select a.id, d.sent_at
        from stocksync.alerts as a
        left join stocksync.alert_deliveries as d on d.alert_id = a.id and d.channel = p_channel
        where a.resolved_at is null
            and a.rule = any (v_settings.alert_rules)
    ),
    due as (
        select o.id, case when o.sent_at is null then 'raised' else 'reminder' end as event
        from open as o
        where o.sent_at is null
            -- When one must be told again, all are that will have to be soon: one reminder, not one
            -- for each at its own hour.
            or (
                o.sent_at <= p_at - v_settings.remind_every / 2
                and exists (
                    select from open as x where x.sent_at <= p_at - v_settings.remind_every
                )
            )

        union all
        select a.id, 'resolved'
        from stocksync.alerts as a
        left join stocksync.alert_deliveries as d on d.alert_id = a.id and d.channel = p_channel
        -- Not at once, since it may come back. Each message tells all that are due, so those of
        -- long before the last one need no look; an hour is longer than any transaction of ours.
        where a.resolved_at <= p_at - v_settings.alert_every
            and a.resolved_at > coalesce(v_channel.sent_at, v_channel.known_since)
                - v_settings.alert_every - interval '1 hour'
            and a.rule = any (v_settings.alert_rules)
            and d.resolution_sent_at is null
            -- raised and resolved before anybody could be told: told now, but nothing older than
            -- the channel
            and (d.sent_at is not null or a.resolved_at >= v_channel.known_since)
            -- the next one of the same is told instead
            and not exists (
                select
                from stocksync.alerts as x
                where x.rule = a.rule and x.subject = a.subject and x.id > a.id
            )
    ),
    taken as (
        insert into stocksync.alert_deliveries as d (alert_id, channel, delivery, event)
        select u.id, p_channel, v_channel.delivery + 1, u.event
        from due as u
        on conflict (alert_id, channel) do update set
            delivery = excluded.delivery,
            event = excluded.event
        returning d.alert_id, d.event
    ),
    line as (
        select t.event, a.*,
            array_position('{raised,reminder,resolved}'::text[], t.event) as part,
            array_position('{critical,error,warning}'::text[], a.level) as urgency,
            row_number() over (
                partition by t.event, a.rule
                order by array_position('{critical,error,warning}'::text[], a.level), a.message
            ) as position
        from taken as t
        join stocksync.alerts as a on a.id = t.alert_id
    )
    select jsonb_build_object(
        'channel', p_channel,
        'delivery', v_channel.delivery + 1,
        'database', current_database(),
        'counts', (
            select jsonb_agg(
                jsonb_build_object('event', n.event, 'rule', n.rule, 'count', n.count)
                order by n.part, n.rule
            )
            from (
                select l.part, l.event, l.rule, count(*) as count from line as l group by 1, 2, 3
            ) as n
        ),
        'alerts', jsonb_agg(
            jsonb_build_object(
                'id', l.id, 'event', l.event, 'rule', l.rule, 'subject', l.subject,
                'level', l.level, 'message', l.message, 'context', l.context,
                'raised_at', l.raised_at, 'resolved_at', l.resolved_at
            )
            order by l.part, l.urgency, l.rule, l.position
        ) filter (where l.position <= v_listed),
        -- in short: there may be a hundred thousand findings
        'audits', coalesce(
            jsonb_agg(
                stocksync.audit_report((l.context -> 'run')::bigint, p_limit => 0) - 'findings'
            ) filter (
                where l.rule = 'discrepancies_found'
                    and l.subject = 'audit'
                    and l.event <> 'resolved'
                    and exists (
                        select from stocksync.runs as u where u.id = (l.context -> 'run')::bigint
                    )
            ),
            '[]'
        )
    )
    into v_message
    from line as l
    having count(*) > 0;

    if v_message is not null then
        update stocksync.alert_channels as c
        set delivery = c.delivery + 1, claimed_at = p_at
        where c.channel = p_channel;
    end if;
    return v_message;
end;
$function$;

comment on function stocksync.take_alerts(text, timestamptz) is
    'What this channel is to be told now: new alerts, reminders and resolutions, as one JSON object with their counts and at most 50 of each kind and rule, and in "audits" the reports of the audits among them, without their findings; null if there is nothing, if the channel was told less than settings.alert_every ago, or while another session is sending. Commit, send it, and call stocksync.alerts_sent(channel, delivery): what is not reported sent is handed out again after two minutes.';
