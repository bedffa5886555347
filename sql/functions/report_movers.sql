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
    select m.product_id, p.sku, p.name, m.sold, m.sold_value, m.share, m.cumulative_share,
        m.abc_class, m.on_hand, m.average_on_hand, m.turnover, m.last_sale_on,
        m.days_without_sale, m.is_dead_stock
    from stocksync.slow_and_fast_movers as m
    join public.products as p on p.id = m.product_id
    where (p_sku is null or p.sku = p_sku)
        and (p_sku is not null or not p.is_deleted)
        and (p_abc_class is null or m.abc_class = p_abc_class)
        and (m.is_dead_stock or not p_dead)
    order by m.abc_class, m.sold_value desc, m.on_hand desc, m.product_id
    limit p_limit;
end;
$function$;

comment on function stocksync.report_movers(text, text, boolean, bigint) is
    'stocksync.slow_and_fast_movers of one product, or of all that are not deleted, what sold for most at the top, what did not sell at the end, most stock first; p_abc_class: only "A", "B" or "C"; p_dead: only dead stock; p_limit: at most so many rows (null: all). Raises no_data_found for an unknown sku, invalid_parameter_value for an unknown class.';
