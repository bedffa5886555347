-- What stock_total must say, by stock_daily: for whoever compares them or makes one from the other.
--
-- A plain SQL function without SET, so that it is planned as part of the query that calls it.

create or replace function stocksync._daily_totals(p_product_ids bigint[])
returns table (
    product_id bigint,
    location_id bigint,
    quantity numeric,
    movements bigint,
    quantity_in numeric,
    first_on date,
    last_on date,
    last_count_on date
)
language sql
stable
parallel safe
as $function$
    select
        d.product_id,
        d.location_id,
        pg_catalog.trim_scale(pg_catalog.sum(d.quantity)),
        pg_catalog.sum(d.movements)::bigint,
        pg_catalog.trim_scale(
            coalesce(pg_catalog.sum(d.quantity) filter (where y.movement_type = 'in'), 0)
        ),
        pg_catalog.min(d.day) filter (where d.movements > 0),
        pg_catalog.max(d.day) filter (where d.movements > 0),
        pg_catalog.max(d.day) filter (where d.movements > 0 and y.counts_as = 'count')
    from stocksync.stock_daily as d
    left join public.transaction_types as y on y.name = d.transaction_type
    where p_product_ids is null or d.product_id = any (p_product_ids)
    group by d.product_id, d.location_id;
$function$;

comment on function stocksync._daily_totals(bigint[]) is
    'stock_total as it follows from stock_daily, for these products; null for all.';
