-- What one movement did to the batches, whichever way: a delivery is a receipt, a sale a consumption,
-- a return a consumption taken back.

create or replace function stocksync._movement_batches(p_movement_id bigint)
returns table (batch_id bigint, quantity numeric)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select u.batch_id, sum(u.quantity)
    from (
        select r.batch_id, r.quantity
        from public.batch_receipts as r
        where r.movement_id = p_movement_id
        union all
        select c.batch_id, -c.quantity
        from public.batch_consumptions as c
        where c.movement_id = p_movement_id
    ) as u
    group by u.batch_id
    having sum(u.quantity) <> 0;
$function$;

comment on function stocksync._movement_batches(bigint) is
    'The batches of a movement and what it brought into each, in units: below zero for what it took. Nothing for a product that did not track batches then.';
