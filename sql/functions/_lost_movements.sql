-- What batches remember and the ledger does not: movements that were deleted behind the triggers.

create or replace function stocksync._lost_movements(p_product_ids bigint[])
returns table (product_id bigint, movement_id bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct b.product_id, u.movement_id
    from public.stock_batches as b
    cross join lateral (
        select r.movement_id from public.batch_receipts as r where r.batch_id = b.id
        union
        select c.movement_id from public.batch_consumptions as c where c.batch_id = b.id
    ) as u
    where b.product_id = any (p_product_ids)
        and b.status <> 'retired'
        and u.movement_id is not null
        and not exists (select from public.stock_movements as m where m.id = u.movement_id)
        and not stocksync._is_archived(u.movement_id);
$function$;

comment on function stocksync._lost_movements(bigint[]) is
    'The movements of which batches of these products have receipts or consumptions, and that are neither there nor archived.';
