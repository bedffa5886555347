-- What the stock is worth and what was sold has cost, by one of three methods. All of them begin with
-- what came into batches and went out of them, which is kept when movements are archived.

create or replace function stocksync.report_value(
    p_at timestamptz default null,
    p_method text default 'batch',
    p_from timestamptz default null,
    p_sku text default null
)
returns table (
    product_id bigint,
    sku text,
    name text,
    quantity numeric,
    value numeric,
    unit_value numeric,
    without_cost numeric,
    in_transit numeric,
    sold numeric,
    cost_of_sales numeric,
    other_cost numeric,
    gone_without_cost numeric
)
language plpgsql
stable
-- compiling takes longer than running; a year of a shop needs more memory than a row
set jit = off
set work_mem = '64MB'
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_at constant timestamptz := coalesce(p_at, clock_timestamp());
    v_product_ids constant bigint[] := case
        when p_sku is not null then array[stocksync.product_id(p_sku)]
    end;
begin
    if p_method is null or p_method not in ('batch', 'fifo', 'average') then
        raise exception 'unknown method "%"', p_method
            using errcode = 'invalid_parameter_value',
                  hint = 'Methods are "batch", "fifo" and "average".';
    end if;
    if p_from >= v_at then
        raise exception '% is not before %', p_from, v_at
            using errcode = 'invalid_parameter_value',
                  hint = 'Say from when until when it was sold. A day alone is its end.';
    end if;

    return query
    with asked as (
        select v_at as at, 1 as sign
        union all
        select p_from, -1 where p_from is not null
    ),
    valued as (
        -- of a period: what there was at its end, less what there was at its beginning
        select a.sign, v.*
        from asked as a
        cross join lateral (
            select b.*
            from stocksync._value_by_batch(a.at, v_product_ids) as b
            where p_method = 'batch'
            union all
            select f.*
            from stocksync._value_by_fifo(a.at, v_product_ids) as f
            where p_method = 'fifo'
            union all
            select m.*
            from stocksync._value_by_average(a.at, v_product_ids) as m
            where p_method = 'average'
        ) as v
    ),
    summed as (
        select v.product_id,
            sum(case v.kind when 'in' then v.quantity else -v.quantity end) filter (where v.sign = 1)
                as quantity,
            sum(case v.kind when 'in' then v.cost else -v.cost end) filter (where v.sign = 1)
                as value,
            sum(case v.kind when 'in' then v.without_cost else -v.without_cost end)
                filter (where v.sign = 1) as without_cost,
            sum(v.quantity) filter (where v.kind = 'transfer' and v.sign = 1) as in_transit,
            sum(v.sign * v.quantity) filter (where v.kind = 'sale') as sold,
            sum(v.sign * v.cost) filter (where v.kind = 'sale') as cost_of_sales,
            sum(v.sign * v.cost) filter (where v.kind = 'other') as other_cost,
            sum(v.sign * v.without_cost) filter (where v.kind in ('sale', 'other'))
                as gone_without_cost
        from valued as v
        group by v.product_id
    )
    select p.id, p.sku, p.name,
        trim_scale(coalesce(s.quantity, 0)),
        trim_scale(coalesce(s.value, 0)),
        -- of the units whose cost is known
        case
            when s.quantity > s.without_cost
                then trim_scale(round(s.value / (s.quantity - s.without_cost), 6))
        end,
        trim_scale(coalesce(s.without_cost, 0)),
        trim_scale(coalesce(s.in_transit, 0)),
        trim_scale(coalesce(s.sold, 0)),
        trim_scale(coalesce(s.cost_of_sales, 0)),
        trim_scale(coalesce(s.other_cost, 0)),
        trim_scale(coalesce(s.gone_without_cost, 0))
    from public.products as p
    left join summed as s on s.product_id = p.id
    where p.tracks_batches and (v_product_ids is null or p.id = any (v_product_ids))
    order by p.sku;
end;
$function$;

comment on function stocksync.report_value(timestamptz, text, timestamptz, text) is
    'Of each product that tracks batches (of one: p_sku): units in stock at p_at (null: now), their value, that of one, and after p_from (null: ever) until p_at the units sold, what they had cost, and what all that went out otherwise, lost, used or sent back, had cost (other_cost). What came back is taken off, as if it had not gone; a receipt that was reversed is left out from then on. Cost is what came in had cost. Methods, as in IAS 2 (23 to 27): "batch", each unit what its own batch did; "fifo", what came in first goes out first, whatever batch was taken, so that what is there came in last; "average", the moving average, anew whenever something comes in, what goes out rounded to millionths. Transfers within the shop change nothing; what has left one place and not come to another (in_transit) is not in quantity and value. Where the cost is not known, units are in without_cost and gone_without_cost and nowhere valued; unit_value is of the others. What has gone out, by the date, before it came in, makes these fall below zero or has no cost until then. Before a product began to track batches, as it does now, there was nothing of it in batches, and so is none here. Raises invalid_parameter_value for an unknown method and where p_from is not before p_at, no_data_found for an unknown sku.';
