-- The alerts, as people ask for them.

create or replace function stocksync.read_alerts(p_all boolean default false)
returns table (
    id bigint,
    raised_at timestamptz,
    level text,
    rule text,
    message text,
    resolved_at timestamptz,
    told text[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.id, a.raised_at, a.level, a.rule, a.message, a.resolved_at,
        array(
            select d.channel
            from stocksync.alert_deliveries as d
            where d.alert_id = a.id and coalesce(d.sent_at, d.resolution_sent_at) is not null
            order by d.channel
        )
    from stocksync.alerts as a
    where p_all or a.resolved_at is null
    order by a.id;
$function$;

comment on function stocksync.read_alerts(boolean) is
    'The open alerts, oldest first, and which channels were told of each; with p_all the resolved ones too, as long as settings.keep_log keeps them.';
