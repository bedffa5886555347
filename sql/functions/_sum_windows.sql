-- What moved in the days before today that the reports look back, product by product.

create or replace function stocksync._sum_windows(p_product_ids bigint[])
returns setof stocksync._product_window
language plpgsql
stable
rows 10000
set search_path = pg_catalog, pg_temp
-- How few of all days these are, and whether these are few products or all of them, decides which
-- index to take: the planner must see the values.
set plan_cache_mode = force_custom_plan
as $function$
declare
    v_today constant date := stocksync._shop_day();
    v_first_day constant date := stocksync._report_from();
begin
    return query
    select i.product_id, v_today, v_first_day, coalesce(s.sold_7, 0), coalesce(s.sold_30, 0),
        coalesce(s.sold_90, 0), coalesce(s.sold, 0), s.last_sale_on, coalesce(s.quantity, 0),
        coalesce(s.quantity_times_days, 0)
    from unnest(p_product_ids) as i (product_id)
    left join (
        select d.product_id,
            -sum(d.quantity) filter (where y.counts_as = 'sale' and d.day >= v_today - 7) as sold_7,
            -sum(d.quantity) filter (where y.counts_as = 'sale' and d.day >= v_today - 30) as sold_30,
            -sum(d.quantity) filter (where y.counts_as = 'sale' and d.day >= v_today - 90) as sold_90,
            -sum(d.quantity) filter (where y.counts_as = 'sale' and d.day >= v_first_day) as sold,
            max(d.day) filter (
                where y.counts_as = 'sale' and y.movement_type = 'out' and d.quantity < 0
                    and d.day >= v_first_day
            ) as last_sale_on,
            sum(d.quantity) filter (where d.day >= v_first_day) as quantity,
            sum(d.quantity * (d.day - v_first_day)) filter (where d.day >= v_first_day)
                as quantity_times_days
        from stocksync.stock_daily as d
        left join public.transaction_types as y on y.name = d.transaction_type
        where d.product_id = any (p_product_ids)
            and d.day >= least(v_today - 90, v_first_day)
            and d.day < v_today
        group by d.product_id
    ) as s on s.product_id = i.product_id;
end;
$function$;

comment on function stocksync._sum_windows(bigint[]) is
    'stocksync._product_window of these products, from stock_daily.';
