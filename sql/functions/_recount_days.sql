-- The days that stock_total remembers, found anew: where movements were taken back, and where
-- another type becomes a count. The caller holds the lock of the roll-up.

create or replace function stocksync._recount_days(p_product_ids bigint[])
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    update stocksync.stock_total as t
    set first_on = d.first_on,
        last_on = d.last_on,
        last_count_on = d.last_count_on
    from stocksync.stock_total as o
    left join stocksync._daily_totals(p_product_ids) as d
        on d.product_id = o.product_id and d.location_id is not distinct from o.location_id
    where t.product_id = o.product_id
        and t.location_id is not distinct from o.location_id
        and (p_product_ids is null or t.product_id = any (p_product_ids))
        and (t.first_on, t.last_on, t.last_count_on)
            is distinct from (d.first_on, d.last_on, d.last_count_on);
$function$;

comment on function stocksync._recount_days(bigint[]) is
    'Sets first_on, last_on and last_count_on of stock_total to what stock_daily says, for these products; null for all.';
