-- Says what is wrong with a transaction type that is unknown or contradicts the direction given.
-- A constraint cannot: the table of types is the user's, and a foreign key to it would make every
-- insert of every session lock the same row.

create or replace function stocksync._check_type(p_transaction_type text, p_movement_type text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_direction text;
begin
    select t.movement_type into v_direction
    from public.transaction_types as t
    where t.name = p_transaction_type;

    if not found then
        raise exception 'unknown transaction type "%"', p_transaction_type
            using errcode = 'foreign_key_violation',
                  hint = 'Use a name of transaction_types, or add this one to it.',
                  schema = 'public', table = 'stock_movements', column = 'transaction_type',
                  constraint = 'stock_movements_transaction_type_known';
    elsif v_direction <> p_movement_type then
        raise exception 'transaction type "%" is "%", not "%"',
            p_transaction_type, v_direction, p_movement_type
            using errcode = 'check_violation',
                  hint = 'Leave movement_type out: it follows from the transaction type.',
                  schema = 'public', table = 'stock_movements', column = 'movement_type',
                  constraint = 'stock_movements_direction_matches_type';
    end if;
end;
$function$;

comment on function stocksync._check_type(text, text) is
    'Raises foreign_key_violation for an unknown transaction type and check_violation for one of the other direction. A null direction is not compared.';
