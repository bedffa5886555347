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
        from (
            select o.id, o.sku, o.name,
                o.quantity_on_hand + coalesce(q.quantity, 0) as quantity_on_hand,
                o.total_stock + coalesce(q.quantity, 0) as total_stock
            from public.products as o
            left join (
                select w.product_id, pg_catalog.sum(w.quantity) as quantity
                from stocksync._pending as w
                group by w.product_id
            ) as q on q.product_id = o.id
        ) as p
        left join (
            select m.product_id,
                pg_catalog.trim_scale(pg_catalog.sum(m.quantity)) as quantity,
                pg_catalog.sum(m.movements)::bigint as movements
            from stocksync._turnovers as m
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
            select coalesce(t.product_id, y.product_id)
            from (
                select *
                from stocksync.stock_total as a
                where p_product_ids is null or a.product_id = any (p_product_ids)
            ) as t
            full join stocksync._daily_totals(p_product_ids) as y
                on y.product_id = t.product_id
                -- "is not distinct from", in what a full join can hash
                and coalesce(y.location_id, 0) = coalesce(t.location_id, 0)
                and (y.location_id is null) = (t.location_id is null)
            where p_force
                and (t.quantity, t.movements, t.quantity_in, t.first_on, t.last_on, t.last_count_on)
                    is distinct from
                    (y.quantity, y.movements, y.quantity_in, y.first_on, y.last_on, y.last_count_on)
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
    'Products whose stored quantities differ from their movements: what stocksync.sync() would correct. p_product_ids: only these (null: all). p_since: only products with movements that occurred or were recorded since then (null: all). p_force: compare the roll-up bucket by bucket, not only its totals. quantity_on_hand and total_stock are with what waits for a busy product; difference is quantity_on_hand minus ledger; differs names what is wrong: quantity_on_hand, total_stock, roll_up. In a transaction that has written movements, call it after "set constraints all immediate".';
