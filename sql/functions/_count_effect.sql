-- What came of a count: what was booked for it, and what has moved since the moment of which it is, of
-- the product at the place or of the batch.

create or replace function stocksync._count_effect(p_count stocksync.counts)
returns table (movement_id bigint, movements_since bigint, moved_since numeric)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select
        (
            select min(k.movement_id)
            from stocksync.count_corrections as k
            where k.count_id = (p_count).id
        ),
        count(distinct u.movement_id),
        coalesce(trim_scale(sum(u.quantity)), 0)
    from (
        select m.id as movement_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity
        from public.stock_movements as m
        where (p_count).batch_id is null
            and m.product_id = (p_count).product_id
            and m.occurred_at > (p_count).counted_at
            and m.location_id is not distinct from (p_count).location_id
        union all
        select r.movement_id, r.quantity
        from public.batch_receipts as r
        where r.batch_id = (p_count).batch_id and r.occurred_at > (p_count).counted_at
        union all
        select c.movement_id, -c.quantity
        from public.batch_consumptions as c
        where c.batch_id = (p_count).batch_id and c.occurred_at > (p_count).counted_at
    ) as u;
$function$;

comment on function stocksync._count_effect(stocksync.counts) is
    'The movement that was first booked for a count, null if none was, and how many movements of its product at its place, or of its batch, occurred after it, and what they come to.';
