-- What people say after counting: so many were there, then. The difference is the database's to find
-- and to book at that moment, under the lock of the product: sales go on meanwhile.

-- Until 0.3.0 it had six arguments. Here and not in a migration, so that nobody who counts misses it:
-- what is deployed is one transaction.
drop function if exists stocksync.record_count(bigint, numeric, timestamptz, bigint, text, text);

create or replace function stocksync.record_count(
    p_product_id bigint,
    p_quantity numeric,
    p_at timestamptz default null,
    p_location_id bigint default null,
    p_user_id text default null,
    p_notes text default null,
    p_batch_id bigint default null
)
returns table (
    count_id bigint,
    counted_at timestamptz,
    counted numeric,
    expected numeric,
    difference numeric,
    on_hand numeric,
    movement_id bigint,
    movements_since bigint,
    moved_since numeric,
    warning text
)
language plpgsql
volatile
security definer -- nobody writes counts by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_count stocksync.counts;
begin
    v_count.product_id := p_product_id;
    v_count.location_id := p_location_id;
    v_count.counted_at := p_at;
    v_count.quantity := p_quantity;
    v_count.user_id := p_user_id;
    v_count.notes := p_notes;
    v_count.batch_id := p_batch_id;

    select * into v_count from stocksync._record_counts(array[v_count]);

    select e.movement_id, e.movements_since, e.moved_since
    into movement_id, movements_since, moved_since
    from stocksync._count_effect(v_count) as e;

    count_id := v_count.id;
    counted_at := v_count.counted_at;
    counted := v_count.quantity;
    expected := v_count.expected;
    difference := v_count.quantity - v_count.expected;
    on_hand := v_count.quantity + moved_since;

    if moved_since <> 0 then
        warning := format(
            '%s were expected at that time, %s were counted; %s moved since, so that now there are %s. If %s are there now, count without a time.',
            expected, counted, case when moved_since > 0 then '+' else '' end || moved_since, on_hand,
            counted
        );
    end if;

    perform stocksync._write_log(
        'info', 'count recorded', p_product_id,
        jsonb_strip_nulls(jsonb_build_object(
            'count', count_id, 'counted_at', counted_at,
            'location',
            (select l.name from public.locations as l where l.id = v_count.location_id),
            'batch', (select b.batch_number from public.stock_batches as b where b.id = p_batch_id),
            'counted', counted, 'expected', expected, 'difference', difference,
            'movement', movement_id, 'on_hand', on_hand
        ))
    );
    return next;
end;
$function$;

comment on function stocksync.record_count(bigint, numeric, timestamptz, bigint, text, text, bigint) is
    'Records that so many units of a product were counted at a place (null: the unnamed one) at a time (null: now), books the difference to what the ledger says of that moment at that moment, and returns it: expected is what the ledger said, movement_id the correction, null if none was due, on_hand the stock of the place now, moved_since what occurred after the count. warning says both readings where they differ: null if nothing moved since. When movements before the count come later, settings.late_movements_before_count decides. With p_batch_id only this batch was counted: all of that is then of the batch, at its place, and late movements change nothing about the count. Of a product that tracks batches, a count of all of it makes a batch of its own of what is too much, and takes what is missing by the strategy of the product. Raises no_data_found for an unknown product, location or batch, check_violation for a quantity below zero, too large, NaN or with more than 6 decimals, invalid_parameter_value for a time in the future, SS005 where the period is closed, SS001 where the stock may not fall below zero.';
