-- A slip of the pen on a batch: its number, its date, its cost. What was taken from it was taken; from
-- now on it is in its right place in the order.

create or replace function stocksync.correct_batch(
    p_batch_id bigint,
    p_batch_number text default null,
    p_expiry_date date default null,
    p_cost_price numeric default null,
    p_reason text default null
)
returns table (
    batch_id bigint,
    location text,
    batch_number text,
    expiry_date date,
    cost_price numeric
)
language plpgsql
volatile
security definer -- nobody writes batches by hand
set search_path = pg_catalog, pg_temp
as $function$
#variable_conflict use_column
declare
    v_batch public.stock_batches;
    v_changed public.stock_batches;
    v_ids bigint[];
begin
    -- The product first, as settle does.
    perform stocksync.lock_products(array(
        select b.product_id from public.stock_batches as b where b.id = p_batch_id
    ));

    select * into v_batch from public.stock_batches as b where b.id = p_batch_id;

    if not found then
        raise exception 'batch % does not exist', p_batch_id
            using errcode = 'no_data_found',
                  hint = 'List the batches with "stocksync batch list --all".';
    elsif v_batch.status = 'retired' then
        raise exception 'batch "%" is retired', v_batch.batch_number
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'It is of a time when the product tracked batches, and no part of the stock.';
    elsif num_nonnulls(p_batch_number, p_expiry_date, p_cost_price) = 0 then
        raise exception 'nothing is to be corrected'
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the right number, expiry date or cost.';
    end if;

    v_changed := v_batch;
    v_changed.batch_number := coalesce(p_batch_number, v_batch.batch_number);
    v_changed.expiry_date := coalesce(nullif(p_expiry_date, 'infinity'), case
        when p_expiry_date is null then v_batch.expiry_date
    end);
    v_changed.cost_price := coalesce(p_cost_price, v_batch.cost_price);

    -- Goods that are alike were mistaken together, wherever they lie now.
    insert into stocksync._passes default values;
    with corrected as (
        update public.stock_batches as b
        set batch_number = v_changed.batch_number,
            expiry_date = v_changed.expiry_date,
            cost_price = v_changed.cost_price,
            -- a number that is quarantined is so for whatever has it
            status = case
                when exists (
                    select
                    from public.stock_batches as q
                    where q.product_id = v_batch.product_id
                        and q.batch_number = v_changed.batch_number
                        and q.status = 'quarantined'
                ) then 'quarantined'
                else b.status
            end
        where b.product_id = v_batch.product_id
            and b.batch_number = v_batch.batch_number
            and b.status <> 'retired'
            and b.expiry_date is not distinct from v_batch.expiry_date
            and b.cost_price is not distinct from v_batch.cost_price
        returning b.id
    )
    select array_agg(c.id order by c.id) into v_ids from corrected as c;
    delete from stocksync._passes as p where p.xid = pg_current_xact_id();

    perform stocksync._write_log(
        'warning', 'batch corrected', v_batch.product_id,
        jsonb_strip_nulls(jsonb_build_object(
            'batches', to_jsonb(v_ids),
            'batch_number', v_batch.batch_number, 'new_number', p_batch_number,
            'old_expiry_date', case when p_expiry_date is not null then v_batch.expiry_date end,
            'new_expiry_date', p_expiry_date,
            'old_cost_price', case when p_cost_price is not null then v_batch.cost_price end,
            'new_cost_price', p_cost_price,
            'reason', p_reason
        ))
    );

    return query
    select b.id, l.name, b.batch_number, b.expiry_date, b.cost_price
    from public.stock_batches as b
    left join public.locations as l on l.id = b.location_id
    where b.id = any (v_ids)
    order by b.id;
end;
$function$;

comment on function stocksync.correct_batch(bigint, text, date, numeric, text) is
    'Corrects what is known of a batch, and of all that is alike (same number, expiry date and cost) at other places; null leaves a thing as it is, an expiry date of "infinity" takes it away. Logged, with the reason. What was taken from it stays taken; its cost of goods sold follows. One that gets a number that is quarantined is so too. Returns the batches as they are now. Raises no_data_found for an unknown batch, object_not_in_prerequisite_state for a retired one, invalid_parameter_value if nothing is given, check_violation for an impossible value, unique_violation (stock_batches_alike_idx) where there is such a batch already.';
