-- The stock of a product as everything that keeps it has it, side by side, in one snapshot. Of these
-- the movements are right; the others follow from them.

create or replace function stocksync.stock_sources(p_product_ids bigint[] default null)
returns table (
    product_id bigint,
    sku text,
    name text,
    status text,
    is_deleted boolean,
    quantity_on_hand numeric,
    total_stock numeric,
    ledger numeric,
    rolled_up numeric,
    by_location numeric,
    batches numeric,
    movements bigint
)
language plpgsql
stable
-- one product and all of them are different plans
set plan_cache_mode = force_custom_plan
set jit = off
set work_mem = '64MB'
set search_path = pg_catalog, pg_temp
as $function$
begin
    return query
    with pending as (
        select w.product_id, sum(w.quantity) as quantity
        from stocksync._pending as w
        group by w.product_id
    ),
    journal as (
        select l.product_id, sum(l.quantity) as quantity
        from stocksync._journal as j
        cross join unnest(j.lines) as l
        where p_product_ids is null or l.product_id = any (p_product_ids)
        group by l.product_id
    ),
    movement as (
        select m.product_id, sum(m.quantity) as quantity, sum(m.movements)::bigint as movements
        from stocksync._turnovers as m
        where p_product_ids is null or m.product_id = any (p_product_ids)
        group by m.product_id
    ),
    day as (
        select d.product_id, sum(d.quantity) as quantity
        from stocksync.stock_daily as d
        where p_product_ids is null or d.product_id = any (p_product_ids)
        group by d.product_id
    ),
    total as (
        select t.product_id, sum(t.quantity) as quantity
        from stocksync.stock_total as t
        where p_product_ids is null or t.product_id = any (p_product_ids)
        group by t.product_id
    ),
    batch as (
        select b.product_id, sum(b.quantity_remaining) as quantity
        from public.stock_batches as b
        where b.status <> 'retired'
            and (p_product_ids is null or b.product_id = any (p_product_ids))
        group by b.product_id
    )
    select coalesce(p.id, m.product_id, t.product_id, j.product_id), p.sku, p.name, p.status, p.is_deleted,
        trim_scale(p.quantity_on_hand + coalesce(w.quantity, 0)),
        trim_scale(p.total_stock + coalesce(w.quantity, 0)),
        trim_scale(coalesce(m.quantity, 0)),
        trim_scale(coalesce(d.quantity, 0) + coalesce(j.quantity, 0)),
        trim_scale(coalesce(t.quantity, 0) + coalesce(j.quantity, 0)),
        case
            when coalesce(p.tracks_batches, b.product_id is not null)
                then trim_scale(coalesce(b.quantity, 0))
        end,
        coalesce(m.movements, 0)
    from (
        select *
        from public.products as o
        where p_product_ids is null or o.id = any (p_product_ids)
    ) as p
    -- movements and levels whose product is gone
    full join movement as m on m.product_id = p.id
    full join total as t on t.product_id = coalesce(p.id, m.product_id)
    full join journal as j on j.product_id = coalesce(p.id, m.product_id, t.product_id)
    left join pending as w
        on w.product_id = coalesce(p.id, m.product_id, t.product_id, j.product_id)
    left join day as d on d.product_id = coalesce(p.id, m.product_id, t.product_id, j.product_id)
    left join batch as b
        on b.product_id = coalesce(p.id, m.product_id, t.product_id, j.product_id)
    order by 1;
end;
$function$;

comment on function stocksync.stock_sources(bigint[]) is
    'The stock of these products (null: all) in units, as each source has it: quantity_on_hand and total_stock of the product, with what waits for it to be free; ledger, the sum of its movements; rolled_up, the sum of stock_daily; by_location, the sum over its places; batches, what remains of them (null if it tracks none). movements is their number. Of movements whose product is gone sku, name and quantity_on_hand are null. In a transaction that has written movements, call it after "set constraints all immediate".';
