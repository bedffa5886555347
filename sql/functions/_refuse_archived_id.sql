-- An application may number movements itself, and send one again: the primary key knows only what is
-- in the table.

create or replace function stocksync._refuse_archived_id(p_movement_id bigint)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
begin
    raise exception 'movement % is archived', p_movement_id
        using errcode = 'unique_violation',
              hint = 'It was counted already. Leave the number of a new movement out.',
              schema = 'public', table = 'stock_movements', column = 'id',
              constraint = 'stock_movements_pkey';
end;
$function$;

comment on function stocksync._refuse_archived_id(bigint) is
    'Raises unique_violation: this number is taken.';
