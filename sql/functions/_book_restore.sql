-- Makes the ledger say what a trusted balance says: the difference is booked as a correction at the
-- first instant after it, so that whatever the movements lost is there again, and can be taken back.

create or replace function stocksync._book_restore(
    p_run_id bigint,
    p_snapshot_id bigint,
    p_product_ids bigint[]
)
returns void
language plpgsql
volatile
security definer -- nobody writes runs by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_at timestamptz;
    v_ids int8multirange;
begin
    -- Two at once would book the same difference twice.
    perform pg_advisory_xact_lock(stocksync._lock_key('restore'));

    update stocksync.runs as u
    set options = u.options || jsonb_build_object('snapshot', p_snapshot_id)
    where u.id = p_run_id;

    v_at := greatest(
        (
            select s.at + interval '1 microsecond'
            from stocksync.snapshots as s
            where s.id = p_snapshot_id
        ),
        (select c.before from stocksync._closed as c)
    );

    with booked as (
        insert into public.stock_movements (
            product_id, location_id, movement_type, transaction_type, quantity, occurred_at,
            reference, notes
        )
        select d.product_id, d.location_id,
            case when d.quantity > 0 then 'in' else 'out' end,
            case when d.quantity > 0 then 'stock_count_correction'
                else 'stock_count_correction_minus' end,
            abs(d.quantity), v_at, format('restore %s', p_run_id),
            'what the movements lack of the balance restored from'
        from stocksync._restore_differences(p_snapshot_id, p_product_ids) as d
        where d.quantity <> 0
        order by d.product_id, d.location_id
        returning id
    )
    select r.movement_ids into v_ids
    from stocksync._as_ranges((select array_agg(b.id) from booked as b)) as r;

    update stocksync.runs as u
    set movement_ids = u.movement_ids + v_ids
    where u.id = p_run_id;
end;
$function$;

comment on function stocksync._book_restore(bigint, bigint, bigint[]) is
    'Books for this run, product by product and location by location, what the movements lack of the balances of a snapshot. Raises SS001 at commit where negative stock is refused.';
