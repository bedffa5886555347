-- Stores balances: of everything that occurred and was recorded by then.

create or replace function stocksync._store_snapshot(
    p_at timestamptz,
    p_known_at timestamptz,
    p_note text
)
returns bigint
language plpgsql
volatile
security definer -- nobody writes balances by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_snapshot_id bigint;
begin
    insert into stocksync.snapshots (at, known_at, note)
    values (p_at, p_known_at, p_note)
    returning id into v_snapshot_id;

    insert into stocksync.snapshot_balances (snapshot_id, product_id, location_id, quantity)
    select v_snapshot_id, s.product_id, s.location_id, s.quantity
    from stocksync._stock_at(null, p_at, p_known_at) as s;

    perform stocksync._write_log(
        'info', 'snapshot taken',
        p_context => jsonb_build_object('snapshot', v_snapshot_id, 'at', p_at, 'note', p_note)
    );
    return v_snapshot_id;
end;
$function$;

comment on function stocksync._store_snapshot(timestamptz, timestamptz, text) is
    'Stores the stock as of p_at, as known at p_known_at, and returns the number of the snapshot.';
