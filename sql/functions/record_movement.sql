-- Books a movement so that it can be retried: the same key with the same body is the same movement,
-- however often it is sent and from however many sessions at once.

-- Until 0.3.0 it had eleven arguments. Here and not in a migration, so that no writer misses it: what
-- is deployed is one transaction.
drop function if exists stocksync.record_movement(bigint, text, numeric, text, bigint, timestamptz, numeric, text, text, text, jsonb);

create or replace function stocksync.record_movement(
    p_product_id bigint,
    p_transaction_type text,
    p_quantity numeric,
    p_idempotency_key text default null,
    p_location_id bigint default null,
    p_occurred_at timestamptz default null,
    p_unit_cost numeric default null,
    p_reference text default null,
    p_user_id text default null,
    p_notes text default null,
    p_metadata jsonb default null,
    p_batch_id bigint default null,
    p_batch_number text default null,
    p_expiry_date date default null
)
returns public.stock_movements
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_movement public.stock_movements;
    v_archived stocksync.archived_keys;
begin
    select * into v_archived from stocksync._archived_movement(p_idempotency_key);
    if found then
        if v_archived.content_md5 <> stocksync._content_md5(
                p_product_id, p_location_id, p_transaction_type, p_quantity, p_unit_cost,
                p_reference, p_user_id, p_notes, p_metadata, p_batch_id, p_batch_number,
                p_expiry_date
            )
            or v_archived.given_at <> p_occurred_at
            -- the key of a reversal
            or v_archived.movement_type <> (
                select t.movement_type
                from public.transaction_types as t
                where t.name = p_transaction_type
            )
        then
            perform stocksync._refuse_key(p_idempotency_key, v_archived.movement_id);
        end if;
        return row(
            v_archived.movement_id, p_product_id, p_location_id, v_archived.movement_type,
            p_transaction_type, p_quantity, v_archived.occurred_at, v_archived.recorded_at,
            p_unit_cost, p_reference, p_idempotency_key, null, p_user_id, p_notes, p_metadata,
            p_batch_id, p_batch_number, p_expiry_date
        )::public.stock_movements;
    end if;

    insert into public.stock_movements (
        product_id, transaction_type, quantity, idempotency_key, location_id, occurred_at,
        unit_cost, reference, user_id, notes, metadata, batch_id, batch_number, expiry_date
    )
    values (
        p_product_id, p_transaction_type, p_quantity, p_idempotency_key, p_location_id,
        coalesce(p_occurred_at, now()), p_unit_cost, p_reference, p_user_id, p_notes, p_metadata,
        p_batch_id, p_batch_number, p_expiry_date
    )
    on conflict (idempotency_key) where idempotency_key is not null do nothing
    returning * into v_movement;

    if found then
        -- It may have been booked on the first open day instead.
        if p_occurred_at is not null then
            select * into v_movement from public.stock_movements as m where m.id = v_movement.id;
        end if;
        return v_movement;
    end if;

    select * into v_movement
    from public.stock_movements as m
    where m.idempotency_key = p_idempotency_key;

    -- Who sends it again need not know when it was booked first.
    if (v_movement.product_id, v_movement.transaction_type, v_movement.quantity,
        v_movement.location_id, v_movement.unit_cost, v_movement.reference, v_movement.user_id,
        v_movement.notes, v_movement.metadata, v_movement.batch_id, v_movement.batch_number,
        v_movement.expiry_date)
        is distinct from
        (p_product_id, p_transaction_type, p_quantity, p_location_id, p_unit_cost, p_reference,
         p_user_id, p_notes, p_metadata, p_batch_id, p_batch_number, p_expiry_date)
        or (v_movement.occurred_at <> p_occurred_at
            and stocksync._given_at(v_movement) <> p_occurred_at)
        or v_movement.reverses_id is not null
    then
        perform stocksync._refuse_key(p_idempotency_key, v_movement.id);
    end if;
    return v_movement;
end;
$function$;

comment on function stocksync.record_movement(bigint, text, numeric, text, bigint, timestamptz, numeric, text, text, text, jsonb, bigint, text, date) is
    'Inserts a movement and returns it. With an idempotency key that was used before: returns the first movement if its content is the same, raises SS002 otherwise. A null p_occurred_at is now, and is not compared. p_batch_id, p_batch_number and p_expiry_date mean what the columns of stock_movements do. Raises what an insert raises.';
