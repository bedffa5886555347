-- What moved on some days, by type.

create or replace function stocksync._sum_days(p_days date[])
returns setof stocksync._day_total
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- How few of all days these are decides which index to take: the planner must see the values.
set plan_cache_mode = force_custom_plan
as $function$
begin
    return query
    select d.day, d.transaction_type, sum(d.quantity), sum(d.movements)::bigint
    from stocksync.stock_daily as d
    where d.day = any (p_days)
    group by d.day, d.transaction_type;
end;
$function$;

comment on function stocksync._sum_days(date[]) is
    'stocksync._day_total of these days, from stock_daily.';
