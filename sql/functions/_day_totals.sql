-- What moved on each day that the trends look back, by type: as it is kept, and summed where it is
-- not. What is kept decides how long it takes, never what comes out.

create or replace function stocksync._day_totals()
returns setof stocksync._day_total
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_today constant date := stocksync._shop_day();
    -- No week and no month is cut.
    v_first_day constant date :=
        date_trunc('week', date_trunc('month', stocksync._report_from()::timestamp))::date;
begin
    return query
    select t.* from stocksync._day_total as t where t.day between v_first_day and v_today;

    return query
    select s.*
    from stocksync._sum_days(array(
        select g::date
        from generate_series(v_first_day::timestamp, v_today::timestamp, interval '1 day') as g
        where not exists (select from stocksync._day_total as t where t.day = g::date)
    )) as s;
end;
$function$;

comment on function stocksync._day_totals() is
    'stocksync._day_total of every day of stocksync.movement_trends, today included.';
