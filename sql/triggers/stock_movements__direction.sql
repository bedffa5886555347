-- An application need not repeat the direction that the transaction type implies. Fires only where
-- it was left out: a row trigger costs a bulk insert as much again as all the rest.

create or replace function stocksync.tg_stock_movements__direction()
returns trigger
language plpgsql
security definer -- an application may insert without a right to read the types
set search_path = pg_catalog, pg_temp
as $function$
begin
    select t.movement_type into new.movement_type
    from public.transaction_types as t
    where t.name = new.transaction_type;

    if not found then
        perform stocksync._check_type(new.transaction_type, null);
    end if;

    -- A reversal is of the same type as what it takes back, in the opposite direction.
    if new.reverses_id is not null then
        new.movement_type := case new.movement_type when 'in' then 'out' else 'in' end;
    end if;

    return new;
end;
$function$;

comment on function stocksync.tg_stock_movements__direction() is
    'Fills movement_type from the transaction type. Raises foreign_key_violation for an unknown type.';

create or replace trigger _100_direction
    before insert on public.stock_movements
    for each row
    when (new.movement_type is null)
    execute function stocksync.tg_stock_movements__direction();

comment on trigger _100_direction on public.stock_movements is
    'Fills movement_type where it was left out.';
