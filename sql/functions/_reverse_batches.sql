-- A reversal does in batches exactly what its original did, the other way round.

create or replace function stocksync._reverse_batches(p_wants stocksync._want[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_changes stocksync._batch_change[];
begin
    with reversal as (
        select m.id, m.reverses_id, m.occurred_at, m.transaction_type, m.reference
        from unnest(p_wants) as w
        join public.stock_movements as m on m.id = w.movement_id
    ),
    consumed as (
        insert into public.batch_consumptions (
            movement_id, batch_id, quantity, of_movement_id, occurred_at, transaction_type,
            reference
        )
        select v.id, c.batch_id, -c.quantity, coalesce(c.of_movement_id, v.reverses_id),
            v.occurred_at, v.transaction_type, v.reference
        from reversal as v
        join public.batch_consumptions as c on c.movement_id = v.reverses_id
        join public.stock_batches as b on b.id = c.batch_id and b.status <> 'retired'
        returning batch_id, quantity
    ),
    received as (
        insert into public.batch_receipts
            (movement_id, batch_id, quantity, of_movement_id, occurred_at, transaction_type)
        select v.id, c.batch_id, -c.quantity, coalesce(c.of_movement_id, v.reverses_id),
            v.occurred_at, v.transaction_type
        from reversal as v
        join public.batch_receipts as c on c.movement_id = v.reverses_id
        join public.stock_batches as b on b.id = c.batch_id and b.status <> 'retired'
        returning batch_id, quantity
    )
    select array_agg(row(u.batch_id, u.received, u.remaining)::stocksync._batch_change)
    into v_changes
    from (
        select c.batch_id, 0::numeric as received, -c.quantity as remaining
        from consumed as c
        union all
        select c.batch_id, c.quantity, c.quantity
        from received as c
    ) as u;

    perform stocksync._change_batches(v_changes);
end;
$function$;

comment on function stocksync._reverse_batches(stocksync._want[]) is
    'Does what the originals of these reversals did in batches, the other way round. Raises SS001 where what came in has been taken since. The caller holds the locks on the products.';
