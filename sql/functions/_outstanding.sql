-- What was taken from batches and has not come back: of the movements of one reference, or of the
-- last hundred of the type among the last thousand of the product, so that it takes no longer in a
-- shop with a long history; and so where a reference is no document, but what thousands share.

create or replace function stocksync._outstanding(
    p_product_id bigint,
    p_transaction_type text,
    p_reference text
)
returns table (movement_id bigint, batch_id bigint, quantity numeric, occurred_at timestamptz)
language plpgsql
stable
-- Called for each product and reference: planned once, for a few rows.
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_movement_ids bigint[];
    v_is_shared boolean;
begin
    if p_reference is not null then
        select array_agg(distinct c.movement_id)
                filter (where c.transaction_type = p_transaction_type),
            count(*) > 1000
        into v_movement_ids, v_is_shared
        from (
            select c.movement_id, c.transaction_type
            from public.batch_consumptions as c
            where left(c.reference, 200) = left(p_reference, 200)
                and c.reference = p_reference
                and c.of_movement_id is null
            limit 1001
        ) as c;
    end if;

    if p_reference is null or v_is_shared then
        v_movement_ids := array(
            select l.id
            from (
                select m.id, m.occurred_at, m.transaction_type, m.reference
                from public.stock_movements as m
                where m.product_id = p_product_id
                order by m.occurred_at desc
                limit 1000
            ) as l
            where l.transaction_type = p_transaction_type
                and (p_reference is null or l.reference = p_reference)
            order by l.occurred_at desc, l.id desc
            limit 100
        );
    end if;

    -- A lot is the same goods at whatever place.
    return query
    select o.movement_id, o.batch_id, o.quantity, o.occurred_at
    from (
        select t.movement_id, min(t.batch_id) as batch_id, min(t.occurred_at) as occurred_at,
            sum(t.quantity) + coalesce((
                select sum(k.quantity)
                from (
                    select c.batch_id, c.quantity
                    from public.batch_consumptions as c
                    where c.of_movement_id = t.movement_id
                    union all
                    select c.batch_id, -c.quantity
                    from public.batch_receipts as c
                    where c.of_movement_id = t.movement_id
                ) as k
                join public.stock_batches as q on q.id = k.batch_id
                where coalesce(q.origin_id, q.id) = t.lot
            ), 0) as quantity
        from (
            select c.movement_id, c.batch_id, c.quantity, c.occurred_at,
                coalesce(b.origin_id, b.id) as lot
            from public.batch_consumptions as c
            join public.stock_batches as b on b.id = c.batch_id
            where c.movement_id = any (v_movement_ids)
                and c.of_movement_id is null
                and b.product_id = p_product_id
        ) as t
        group by t.movement_id, t.lot
    ) as o
    where o.quantity > 0;
end;
$function$;

comment on function stocksync._outstanding(bigint, text, text) is
    'What movements of this type and reference (null: the last ones, whatever their reference) took out of batches of the product and nothing has brought back, per movement and batch.';
