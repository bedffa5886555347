-- How old a report is. Deploying a materialized view fills it, as a refresh does.

create or replace function stocksync.report_as_of(p_view_name text)
returns timestamptz
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select max(a.filled_at)
    from (
        select r.refreshed_at from stocksync.view_refreshes as r where r.view_name = p_view_name
        union all
        select f.deployed_at
        from stocksync.deployed_file as f
        where f.path = 'materialized_views/' || p_view_name || '.sql'
    ) as a (filled_at);
$function$;

comment on function stocksync.report_as_of(text) is
    'When a materialized view of schema stocksync was last filled, by a refresh or by its deployment; null if there is no such view.';
