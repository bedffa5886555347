-- Compares every stored quantity with the movements themselves, in one snapshot. The dry run prints
-- what this returns and the live run corrects what this returns: there is no second comparison.
--
-- A plain SQL function without SET, so that it is planned as part of the query that calls it.

create or replace function stocksync.discrepancies(
    p_product_ids bigint[] default null,
    p_since timestamptz default null,
    p_force boolean default false
)
returns table (
    product_id bigint,
    sku text,
    name text,
    quantity_on_hand numeric,
    total_stock numeric,
    rolled_up numeric,
    ledger numeric,
    difference numeric,
    movements bigint,
    differs text[]
)
language sql
stable
parallel safe
as $function$
    select c.id, c.sku, c.name, c.quantity_on_hand, c.total_stock, c.rolled_up, c.ledger,
        c.quantity_on_hand - c.ledger, c.movements, c.differs
    from (
        select p.id, p.sku, p.name, p.quantity_on_hand, p.total_stock,
            coalesce(r.quantity, 0) as rolled_up,
            coalesce(l.quantity, 0) as ledger,
            coalesce(l.movements, 0) as movements,
            pg_catalog.array_remove(array[
                case when p.quantity_on_hand <> coalesce(l.quantity, 0) then 'quantity_on_hand' end,
                case when p.total_stock <> coalesce(l.quantity, 0) then 'total_stock' end,
                case when coalesce(r.quantity, 0) <> coalesce(l.quantity, 0)
                    or d.product_id is not null then 'roll_up' end
            ], null) as differs
        from public.products as p
        left join (
            select m.product_id,
                pg_catalog.trim_scale(pg_catalog.sum(
                    case m.movement_type when 'in' then m.quantity else -m.quantity end
                )) as quantity,
                pg_catalog.count(*) as movements
            from public.stock_movements as m
            where p_product_ids is null or m.product_id = any (p_product_ids)
            group by m.product_id
        ) as l on l.product_id = p.id
        left join (
            select u.product_id, pg_catalog.sum(u.quantity) as quantity
            from (
                select t.product_id, t.quantity
                from stocksync.stock_total as t
                where p_product_ids is null or t.product_id = any (p_product_ids)
                union all
                select j.product_id, j.quantity
                from stocksync._journal as w
                cross join pg_catalog.unnest(w.lines) as j
                where p_product_ids is null or j.product_id = any (p_product_ids)
            ) as u
            group by u.product_id
        ) as r on r.product_id = p.id
        left join (
            select f.product_id
            from stocksync._roll_up_differences(p_product_ids) as f
            where p_force
            union
            select v.product_id
            from (
                select t.product_id, t.location_id, t.quantity, t.movements
                from stocksync.stock_total as t
                where p_product_ids is null or t.product_id = any (p_product_ids)
                union all
                select y.product_id, y.location_id, -y.quantity, -y.movements
                from stocksync.stock_daily as y
                where p_product_ids is null or y.product_id = any (p_product_ids)
            ) as v
            where p_force
            group by v.product_id, v.location_id
            having pg_catalog.sum(v.quantity) <> 0 or pg_catalog.sum(v.movements) <> 0
        ) as d on d.product_id = p.id
        where (p_product_ids is null or p.id = any (p_product_ids))
            and (
                p_since is null
                or p.id in (
                    select m.product_id
                    from public.stock_movements as m
                    where m.occurred_at >= p_since or m.recorded_at >= p_since
                )
            )
    ) as c
    where c.differs <> '{}';
$function$;

comment on function stocksync.discrepancies(bigint[], timestamptz, boolean) is
    'Products whose stored quantities differ from their movements: what stocksync.sync() would correct. p_product_ids: only these (null: all). p_since: only products with movements that occurred or were recorded since then (null: all). p_force: compare the roll-up bucket by bucket, not only its totals. difference is quantity_on_hand minus ledger; differs names what is wrong: quantity_on_hand, total_stock, roll_up. In a transaction that has written movements, call it after "set constraints all immediate".';
