-- Books movements for counts, at their moments, and keeps which movement belongs to which count.

create or replace function stocksync._book_corrections(
    p_count_ids bigint[],
    p_quantities numeric[],
    p_notes text default null
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with correction as (
        select nextval('public.stock_movements_id_seq') as id, c.id as count_id, c.product_id,
            c.location_id, c.counted_at, trim_scale(g.quantity) as quantity, c.user_id,
            coalesce(p_notes, c.notes) as notes, c.batch_id
        from unnest(p_count_ids, p_quantities) as g (count_id, quantity)
        join stocksync.counts as c on c.id = g.count_id
    ),
    kept as (
        insert into stocksync.count_corrections (movement_id, count_id)
        select n.id, n.count_id
        from correction as n
    )
    insert into public.stock_movements (
        id, product_id, location_id, movement_type, transaction_type, quantity, occurred_at,
        reference, user_id, notes, batch_id
    )
    select n.id, n.product_id, n.location_id,
        case when n.quantity > 0 then 'in' else 'out' end,
        case
            when n.quantity > 0 then 'stock_count_correction'
            else 'stock_count_correction_minus'
        end,
        abs(n.quantity), n.counted_at, format('count %s', n.count_id), n.user_id, n.notes,
        n.batch_id
    from correction as n;
$function$;

comment on function stocksync._book_corrections(bigint[], numeric[], text) is
    'Books these signed quantities for these counts. p_notes: of the movements; null for those of the count.';
