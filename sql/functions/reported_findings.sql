-- The findings of an audit's report one by one, for whoever reads more of them than memory holds.

create or replace function stocksync.reported_findings(
    p_run_id bigint,
    p_sources text[] default null,
    p_limit bigint default null
)
returns setof jsonb
language sql
stable
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
    select r.finding
    from stocksync._reported(p_run_id, stocksync._check_sources(p_sources)) as r
    where p_limit is null or r.position <= p_limit
    order by r.position;
$function$;

comment on function stocksync.reported_findings(bigint, text[], bigint) is
    'The findings in stocksync.audit_report() with the same arguments, an object each: the furthest apart first.';
