-- Stores the balances that were read from a file.

create or replace function stocksync._keep_balances(
    p_file text,
    p_from timestamptz,
    p_product_ids bigint[],
    p_location_ids bigint[],
    p_quantities numeric[]
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
    insert into stocksync.snapshots (at, known_at, note, is_complete)
    values (p_from - interval '1 microsecond', 'infinity', coalesce(p_file, ''), false)
    returning id into v_snapshot_id;

    insert into stocksync.snapshot_balances (snapshot_id, product_id, location_id, quantity)
    select v_snapshot_id, u.product_id, u.location_id, u.quantity
    from unnest(p_product_ids, p_location_ids, p_quantities)
        as u (product_id, location_id, quantity);

    perform stocksync._write_log(
        'info', 'balances imported',
        p_context => jsonb_build_object('snapshot', v_snapshot_id, 'file', p_file, 'from', p_from)
    );
    return v_snapshot_id;
end;
$function$;

comment on function stocksync._keep_balances(text, timestamptz, bigint[], bigint[], numeric[]) is
    'Stores these balances as an incomplete snapshot of just before p_from and returns its number.';
