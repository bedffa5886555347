-- Removes what changed or deleted movements brought into batches and took out of them, so that it can
-- be done again as they say now. What remains of the batches is the caller's to change: first what
-- comes back, last what goes, so that a corrected quantity never falls short in between.

create or replace function stocksync._take_back(p_movement_ids bigint[])
returns stocksync._batch_change[]
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with consumed as (
        delete from public.batch_consumptions as c
        using public.stock_batches as b
        where c.movement_id = any (p_movement_ids) and b.id = c.batch_id and b.status <> 'retired'
        returning c.batch_id, c.quantity
    ),
    received as (
        delete from public.batch_receipts as c
        using public.stock_batches as b
        where c.movement_id = any (p_movement_ids) and b.id = c.batch_id and b.status <> 'retired'
        returning c.batch_id, c.quantity
    )
    select array_agg(row(u.batch_id, u.received, u.remaining)::stocksync._batch_change)
    from (
        select c.batch_id, 0::numeric as received, c.quantity as remaining
        from consumed as c
        union all
        select c.batch_id, -c.quantity, -c.quantity
        from received as c
    ) as u;
$function$;

comment on function stocksync._take_back(bigint[]) is
    'Removes the receipts and consumptions of these movements and returns by how much their batches have to change; null for none. The caller holds the locks on the products.';
