-- Tells whether somebody is told of what is wrong.

create or replace function stocksync._doctor_alerts()
returns table (check_name text, status text, detail text, cure text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with alert as (
        select count(*) as open,
            -- Long enough for every worker to come by, and for the silence after a message.
            min(a.raised_at) filter (
                where a.raised_at < clock_timestamp() - s.alert_every - interval '5 minutes'
                    and not exists (
                        select
                        from stocksync.alert_deliveries as d
                        where d.alert_id = a.id and d.sent_at is not null
                    )
            ) as untold_since
        from stocksync.settings as s
        left join stocksync.alerts as a on a.resolved_at is null and a.rule = any (s.alert_rules)
        where a.id is not null
    ),
    finding (status, detail, cure) as (
        select
            'failure',
            format('%s: failed %s times, now with: %s', c.channel, c.failures, c.error),
            'Try it with `stocksync alerts test`.'
        from stocksync.alert_channels as c
        -- one that is no longer tried is no longer configured
        where c.failures > 0 and c.retry_at > clock_timestamp() - interval '1 hour'

        union all
        select
            case when c.known then 'failure' else 'warning' end,
            format(
                'open: %s; nobody has been told since %s', a.open,
                to_char(a.untold_since at time zone s.time_zone, 'YYYY-MM-DD HH24:MI')
            ),
            case
                when c.known then 'Run `stocksync worker`, or `stocksync alerts send` from cron.'
                else 'See `stocksync alerts list`; set STOCKSYNC_ALERT_MAIL where the worker runs.'
            end
        from stocksync.settings as s
        cross join alert as a
        cross join (select exists (select from stocksync.alert_channels) as known) as c
        where a.untold_since is not null
    )

    select 'alerts', f.status, f.detail, f.cure from finding as f
    union all
    select 'alerts', 'ok', format('open: %s', a.open), null
    from alert as a
    where not exists (select from finding)
$function$;

comment on function stocksync._doctor_alerts() is
    'The part of stocksync.doctor() that looks at alerts that nobody was told of.';
