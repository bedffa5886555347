-- What there is of each product and how long it lasts, as people ask for it.

create or replace function stocksync.report_stock(
    p_sku text default null,
    p_cover_below numeric default null,
    p_limit bigint default null
)
returns table (
    product_id bigint,
    sku text,
    name text,
    quantity_in numeric,
    quantity_out numeric,
    on_hand numeric,
    movements bigint,
    first_on date,
    last_on date,
    last_count_on date,
    daily_sales_7 numeric,
    daily_sales_30 numeric,
    daily_sales_90 numeric,
    days_of_cover numeric,
    sold_by_day numeric[]
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_today constant date := stocksync._shop_day();
begin
    perform stocksync.product_id(p_sku); -- raises for an unknown one

    return query
    with chosen as (
        select s.*, p.sku, p.name
        from stocksync.stock_summary as s
        join public.products as p on p.id = s.product_id
        where (p_sku is null or p.sku = p_sku)
            and (p_sku is not null or not p.is_deleted)
            and (p_cover_below is null or s.days_of_cover < p_cover_below)
        order by s.days_of_cover, s.daily_sales_30 desc, p.sku
        limit p_limit
    )
    select c.product_id, c.sku, c.name, c.quantity_in, c.quantity_out, c.on_hand, c.movements,
        c.first_on, c.last_on, c.last_count_on, c.daily_sales_7, c.daily_sales_30,
        c.daily_sales_90, c.days_of_cover, d.sold
    from chosen as c
    -- not stored in the view: of most products nobody looks at it
    cross join lateral (
        select array_agg(trim_scale(coalesce(x.sold, 0)) order by g.day) as sold
        from generate_series(0, 29) as g (day)
        left join (
            select d.day - v_today + 30 as day, -sum(d.quantity) as sold
            from stocksync.stock_daily as d
            join public.transaction_types as y on y.name = d.transaction_type
            where d.product_id = c.product_id
                and d.day >= v_today - 30
                and d.day < v_today
                and y.counts_as = 'sale'
            group by d.day
        ) as x on x.day = g.day
    ) as d
    order by c.days_of_cover, c.daily_sales_30 desc, c.sku;
end;
$function$;

comment on function stocksync.report_stock(text, numeric, bigint) is
    'stocksync.stock_summary of one product, or of all that are not deleted, what runs out first at the top; p_cover_below: only what lasts less than so many days; p_limit: at most so many rows (null: all). sold_by_day are the units sold on each of the last 30 whole days, oldest first, from the roll-up as it is now. Raises no_data_found for an unknown sku; a product newer than the last refresh is not there yet.';
