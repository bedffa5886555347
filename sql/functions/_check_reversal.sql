-- A reversal takes back one movement, whole: that both cancel out in every sum is what makes it
-- safe to book one. That there is at most one, the unique index on reverses_id keeps.

create or replace function stocksync._check_reversal(p_reversal public.stock_movements)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_reversed public.stock_movements;
begin
    select * into v_reversed
    from public.stock_movements as m
    where m.id = p_reversal.reverses_id
    for share; -- the foreign key's lock of the key lets the quantity change

    if v_reversed.reverses_id is not null then
        raise exception 'movement % is itself a reversal', v_reversed.id
            using errcode = 'check_violation',
                  hint = 'Insert the original movement again instead.',
                  schema = 'public', table = 'stock_movements', column = 'reverses_id',
                  constraint = 'stock_movements_reversal_of_original';
    elsif (v_reversed.product_id, v_reversed.location_id, v_reversed.transaction_type,
           v_reversed.quantity, v_reversed.movement_type)
        is distinct from
        (p_reversal.product_id, p_reversal.location_id, p_reversal.transaction_type,
         p_reversal.quantity, case p_reversal.movement_type when 'in' then 'out' else 'in' end)
    then
        raise exception 'movement % does not match movement %, which it reverses',
            p_reversal.id, v_reversed.id
            using errcode = 'check_violation',
                  detail = 'A reversal has the product, location, type and quantity of what it takes back, and the opposite direction.',
                  hint = 'Use stocksync.reverse_movement().',
                  schema = 'public', table = 'stock_movements', column = 'reverses_id',
                  constraint = 'stock_movements_reversal_matches';
    end if;
end;
$function$;

comment on function stocksync._check_reversal(public.stock_movements) is
    'Raises check_violation if a movement with reverses_id is not the exact opposite of the one it names, or names a reversal.';
