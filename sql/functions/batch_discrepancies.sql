-- Compares batches with what movements brought into them and took out of them, that with the
-- movements, and their sum with the stock, in one snapshot: four ways to be wrong.

create or replace function stocksync.batch_discrepancies(p_product_ids bigint[] default null)
returns table (
    product_id bigint,
    sku text,
    location text,
    batch_id bigint,
    batch_number text,
    movement_id bigint,
    differs text,
    stored numeric,
    derived numeric
)
language plpgsql
stable
-- one product and all of them are different plans
set plan_cache_mode = force_custom_plan
set search_path = pg_catalog, pg_temp
as $function$
declare
    -- Else the receipts of everything are summed up, for each product that is fixed.
    v_batch_ids constant bigint[] := array(
        select b.id from public.stock_batches as b where b.product_id = any (p_product_ids)
    );
begin
    return query
    with batch as (
        select b.id, b.product_id, b.location_id, b.batch_number, b.quantity_received,
            b.quantity_remaining, b.status,
            coalesce(r.quantity, 0) as received,
            coalesce(r.quantity, 0) - coalesce(c.quantity, 0) as remaining
        from public.stock_batches as b
        left join (
            select r.batch_id, sum(r.quantity) as quantity
            from public.batch_receipts as r
            where p_product_ids is null or r.batch_id = any (v_batch_ids)
            group by r.batch_id
        ) as r on r.batch_id = b.id
        left join (
            select c.batch_id, sum(c.quantity) as quantity
            from public.batch_consumptions as c
            where p_product_ids is null or c.batch_id = any (v_batch_ids)
            group by c.batch_id
        ) as c on c.batch_id = b.id
        where p_product_ids is null or b.product_id = any (p_product_ids)
    ),
    moved as (
        select u.movement_id, sum(u.quantity) as quantity
        from (
            select r.movement_id, r.batch_id, r.quantity
            from public.batch_receipts as r
            where p_product_ids is null or r.batch_id = any (v_batch_ids)
            union all
            select c.movement_id, c.batch_id, -c.quantity
            from public.batch_consumptions as c
            where p_product_ids is null or c.batch_id = any (v_batch_ids)
        ) as u
        -- one that is corrected later, while the product tracks batches again, is of both times
        join batch as b on b.id = u.batch_id and b.status <> 'retired'
        group by u.movement_id
    ),
    wrong (product_id, location_id, batch_id, batch_number, movement_id, differs, stored, derived) as (
        select b.product_id, b.location_id, b.id, b.batch_number, null::bigint, 'quantity_received',
            b.quantity_received, b.received
        from batch as b
        where b.quantity_received <> b.received
        union all
        select b.product_id, b.location_id, b.id, b.batch_number, null, 'quantity_remaining',
            b.quantity_remaining, b.remaining
        from batch as b
        where b.quantity_remaining <> b.remaining
        union all
        -- of one that is archived the batches are all that is left
        select m.product_id, m.location_id, null, null, m.id, 'movement', v.quantity,
            case m.movement_type when 'in' then m.quantity else -m.quantity end
        from moved as v
        join public.stock_movements as m on m.id = v.movement_id
        where v.quantity <> case m.movement_type when 'in' then m.quantity else -m.quantity end
        union all
        select o.product_id, o.location_id, null, null, null, 'stock', coalesce(b.remaining, 0),
            coalesce(b.remaining, 0) + o.quantity
        from stocksync.opening_batches(p_product_ids) as o
        join public.products as p on p.id = o.product_id and p.tracks_batches
        left join (
            select k.product_id, k.location_id, sum(k.quantity_remaining) as remaining
            from batch as k
            where k.status <> 'retired'
            group by k.product_id, k.location_id
        ) as b on b.product_id = o.product_id and b.location_id is not distinct from o.location_id
    )
    select w.product_id, p.sku, l.name, w.batch_id, w.batch_number, w.movement_id, w.differs,
        trim_scale(w.stored), trim_scale(w.derived)
    from wrong as w
    left join public.products as p on p.id = w.product_id
    left join public.locations as l on l.id = w.location_id
    order by w.product_id, w.location_id, w.batch_id, w.movement_id;
end;
$function$;

comment on function stocksync.batch_discrepancies(bigint[]) is
    'What is wrong about the batches of these products (null: all). differs: "quantity_received" is not the sum of the receipts, "quantity_remaining" is not that less what was consumed, "movement": what it brought and took is not its quantity, "stock": what remains at a place is not the stock there; stored is what is there, derived what it should be. Nothing if all is well. In a transaction that has written movements, call it after "set constraints all immediate".';
