-- What a delivery is: units of a product, what is printed on them, until when they may be sold and
-- what they cost. Who books it is told at once into which batch it went.

create or replace function stocksync.receive_batch(
    p_product_id bigint,
    p_quantity numeric,
    p_batch_number text default null,
    p_expiry_date date default null,
    p_unit_cost numeric default null,
    p_transaction_type text default 'purchase',
    p_location_id bigint default null,
    p_occurred_at timestamptz default null,
    p_reference text default null,
    p_idempotency_key text default null,
    p_user_id text default null,
    p_notes text default null
)
returns table (
    movement_id bigint,
    batch_id bigint,
    batch_number text,
    expiry_date date,
    cost_price numeric,
    received numeric,
    remaining numeric
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_product public.products;
    v_movement_id bigint;
begin
    select * into v_product from public.products as p where p.id = p_product_id;

    if not found then
        raise exception 'product % does not exist', p_product_id
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    elsif not v_product.tracks_batches then
        raise exception 'product "%" does not track batches', v_product.sku
            using errcode = 'object_not_in_prerequisite_state',
                  hint = format('Let it, with "stocksync batch track --sku %s"; or insert a movement without a batch.',
                      v_product.sku);
    elsif exists (
        select
        from public.transaction_types as t
        where t.name = p_transaction_type and t.movement_type = 'out'
    ) then
        raise exception 'nothing comes in by "%"', p_transaction_type
            using errcode = 'invalid_parameter_value',
                  hint = 'Use a type of transaction_types whose movement_type is "in".';
    end if;

    select m.id into v_movement_id
    from stocksync.record_movement(
        p_product_id, p_transaction_type, p_quantity, p_idempotency_key, p_location_id,
        p_occurred_at, p_unit_cost, p_reference, p_user_id, p_notes,
        p_batch_number => p_batch_number, p_expiry_date => p_expiry_date
    ) as m;

    -- Its batch is found when it settles.
    perform stocksync._settle_now();

    return query
    select v_movement_id, b.id, b.batch_number, b.expiry_date, b.cost_price,
        trim_scale(d.quantity), trim_scale(b.quantity_remaining)
    from stocksync._movement_batches(v_movement_id) as d
    join public.stock_batches as b on b.id = d.batch_id
    order by b.id;
end;
$function$;

comment on function stocksync.receive_batch(bigint, numeric, text, date, numeric, text, bigint, timestamptz, text, text, text, text) is
    'Books units that come in, as stocksync.record_movement() does, and returns the batch that they are of: one that is there, if number, expiry date and cost agree, or a new one. Null p_batch_number: a batch of its own; null p_expiry_date and p_unit_cost: as the last batch of this number says, else none and products.unit_cost. received is what this movement brought, remaining what is there of the batch now. The same p_idempotency_key again books nothing and returns the same batch. Several rows where a return goes back to several batches. Settles at once: a transaction that receives several products locks them in that order, so call lock_products() first. Raises no_data_found for an unknown product, object_not_in_prerequisite_state if it does not track batches, invalid_parameter_value for a type that is "out", and what record_movement raises.';
