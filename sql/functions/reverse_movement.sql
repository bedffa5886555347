-- Takes a movement back the way a ledger does: by its opposite, never by deleting it.

create or replace function stocksync.reverse_movement(p_movement_id bigint, p_reason text)
returns public.stock_movements
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_original public.stock_movements;
    v_reversal public.stock_movements;
begin
    select * into v_original
    from public.stock_movements as m
    where m.id = p_movement_id;

    if not found then
        raise exception 'movement % does not exist', p_movement_id
            using errcode = 'no_data_found',
                  hint = case stocksync._is_archived(p_movement_id)
                      when true then 'It is archived: put it back with "stocksync archive --restore FILE".'
                      else 'List the movements of a product with "stocksync movements --sku SKU".'
                  end;
    end if;

    insert into public.stock_movements (
        product_id, location_id, movement_type, transaction_type, quantity, unit_cost, reference,
        reverses_id, notes
    )
    values (
        v_original.product_id, v_original.location_id,
        case v_original.movement_type when 'in' then 'out' else 'in' end,
        v_original.transaction_type, v_original.quantity, v_original.unit_cost,
        v_original.reference, v_original.id, p_reason
    )
    returning * into v_reversal;
    return v_reversal;
end;
$function$;

comment on function stocksync.reverse_movement(bigint, text) is
    'Books the opposite of a movement, now, with the reason as its notes, and returns it. Raises no_data_found if there is no such movement, unique_violation (stock_movements_reverses_id_idx) if it was reversed before, check_violation if it is itself a reversal, SS001 where the stock may not fall below zero.';
