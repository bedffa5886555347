-- Moves units from one place to another, by two movements that belong together. Each settles before
-- the next is written, so that what comes in is what this transfer took out: batch, cost and expiry
-- date go along.

create or replace function stocksync.transfer_stock(
    p_product_id bigint,
    p_quantity numeric,
    p_from_location_id bigint,
    p_to_location_id bigint,
    p_batch_id bigint default null,
    p_batch_number text default null,
    p_occurred_at timestamptz default null,
    p_reference text default null,
    p_idempotency_key text default null,
    p_user_id text default null,
    p_notes text default null
)
returns table (out_movement_id bigint, in_movement_id bigint, reference text)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_from_location_id is not distinct from p_to_location_id then
        raise exception 'stock is transferred from one place to another'
            using errcode = 'invalid_parameter_value',
                  detail = 'Both are the same place.',
                  hint = 'Give two places; null is the unnamed one.';
    end if;

    -- What comes in is found by it, so that it must be this transfer's own.
    reference := coalesce(
        p_reference,
        'transfer ' || coalesce(
            p_idempotency_key, nextval('public.stock_movements_id_seq')::text
        )
    );

    select m.id into out_movement_id
    from stocksync.record_movement(
        p_product_id, 'transfer_out', p_quantity, p_idempotency_key || ' out', p_from_location_id,
        p_occurred_at, null, reference, p_user_id, p_notes,
        p_batch_id => p_batch_id, p_batch_number => p_batch_number
    ) as m;

    perform stocksync._settle_now();

    select m.id into in_movement_id
    from stocksync.record_movement(
        p_product_id, 'transfer_in', p_quantity, p_idempotency_key || ' in', p_to_location_id,
        p_occurred_at, null, reference, p_user_id, p_notes
    ) as m;

    perform stocksync._settle_now();

    return next;
end;
$function$;

comment on function stocksync.transfer_stock(bigint, numeric, bigint, bigint, bigint, text, timestamptz, text, text, text, text) is
    'Books a transfer_out at one place and a transfer_in at another (null: the unnamed place), with one reference: p_reference, or one of their own. Of a product that tracks batches the named batch is moved, by number of row or by what is printed on it, else what is sold next, and last what is expired or in quarantine; what arrives is the same batch there. Of other products nothing looks whether there is enough at the place. With an idempotency key it can be retried. Settles at once: a transaction that transfers several products locks them in that order, so call lock_products() first. Raises invalid_parameter_value if both places are the same, SS001 where a batch has not enough, SS002 if the key belongs to something else, and what an insert raises.';
