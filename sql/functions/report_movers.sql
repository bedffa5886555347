-- What sells and what lies, as people ask for it.

create or replace function stocksync.report_movers(
    p_sku text default null,
    p_abc_class text default null,
    p_dead boolean default false,
    p_limit bigint default null
)
returns table (
    product_id bigint,
    sku text,
    name text,
    sold numeric,
    sold_value numeric,
    share numeric,
    cumulative_share numeric,
    abc_class text,
    on_hand numeric,
    average_on_hand numeric,
    turnover numeric,
    last_sale_on date,
    days_without_sale integer,
    is_dead_stock boolean
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync.product_id(p_sku); -- raises for an unknown one

    if p_abc_class not in ('A', 'B', 'C') then
        raise exception 'unknown class "%"', p_abc_class
            using errcode = 'invalid_parameter_value',
                  hint = 'Classes are "A", "B" and "C".';
    end if;

    return query
    with ranked as (
        select m.*,
            sum(m.sold_value) over (partition by m.sold > 0) as value_of_all,
            sum(m.sold_value) over (
                partition by m.sold > 0
                order by m.sold_value desc, m.product_id
                rows unbounded preceding
            ) as value_so_far
        from stocksync.slow_and_fast_movers as m
    )
    select r.product_id, p.sku, p.name, r.sold, r.sold_value,
        case when r.sold > 0 then
            trim_scale(round(r.sold_value / nullif(r.value_of_all, 0), 6))
        end,
        case when r.sold > 0 then
            trim_scale(round(r.value_so_far / nullif(r.value_of_all, 0), 6))
        end,
        r.abc_class, r.on_hand, r.average_on_hand, r.turnover, r.last_sale_on,
        r.days_without_sale, r.is_dead_stock
    from ranked as r
    join public.products as p on p.id = r.product_id
    where (p_sku is null or p.sku = p_sku)
        and (p_sku is not null or not p.is_deleted)
        and (p_abc_class is null or r.abc_class = p_abc_class)
        and (r.is_dead_stock or not p_dead)
    order by r.abc_class, r.sold_value desc, r.on_hand desc, r.product_id
    limit p_limit;
end;
$function$;

comment on function stocksync.report_movers(text, text, boolean, bigint) is
    'stocksync.slow_and_fast_movers of one product, or of all that are not deleted, what sold for most at the top, what did not sell at the end, most stock first; p_abc_class: only "A", "B" or "C"; p_dead: only dead stock; p_limit: at most so many rows (null: all). share is the part of the sold_value of all products of which something was sold, 0 to 1, cumulative_share that of the product and all that sold for more (of equals, those with a lower number); null where nothing was sold, or all is worth nothing. Raises no_data_found for an unknown sku, invalid_parameter_value for an unknown class.';
