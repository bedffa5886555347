-- Refreshes the materialized views while others read them, but none of which the input has not
-- changed. All in one transaction: to all of them it is the same day.

create or replace function stocksync._refresh_views()
returns bigint
language plpgsql
volatile
security definer -- only the owner of a materialized view may refresh it
set search_path = pg_catalog, pg_temp
-- Compiling the queries takes longer than running them, and writers need the other processors.
set jit = off
set max_parallel_workers_per_gather = 0
as $function$
declare
    v_began_at timestamptz;
    v_refreshed bigint := 0;
    r record;
begin
    for r in
        -- The input is read before the view is: what changes in between makes the view be
        -- refreshed again the next time.
        select c.relname::text as name, i.input, c.relispopulated as is_populated
        from pg_class as c
        join (
            values (true, stocksync._view_input(true)), (false, stocksync._view_input(false))
        ) as i (is_past, input) on i.is_past = (c.relname like '\_past\_%')
        where c.relnamespace = 'stocksync'::regnamespace
            and c.relkind = 'm'
            and not (c.relispopulated and exists (
                select
                from stocksync.view_refreshes as d
                where d.view_name = c.relname::text and d.input = i.input
            ))
        -- those whose names begin with _ are read by the others
        order by c.relname
    loop
        v_began_at := clock_timestamp();
        -- After a restore of tables and data apart a view is empty, and has nothing to be read.
        execute format(
            'refresh materialized view %s stocksync.%I',
            case when r.is_populated then 'concurrently' else '' end, r.name
        );

        insert into stocksync.view_refreshes as d (view_name, seconds, input)
        values (
            r.name, round(extract(epoch from clock_timestamp() - v_began_at), 6), r.input
        )
        on conflict (view_name) do update set
            refreshed_at = excluded.refreshed_at,
            seconds = excluded.seconds,
            input = excluded.input;
        v_refreshed := v_refreshed + 1;
    end loop;
    return v_refreshed;
end;
$function$;

comment on function stocksync._refresh_views() is
    'Refreshes the materialized views of schema stocksync whose input has changed since, concurrently unless they are not populated, and returns how many.';
