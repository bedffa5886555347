-- A key that says two things says nothing.

create or replace function stocksync._refuse_key(p_idempotency_key text, p_movement_id bigint)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
begin
    raise exception 'idempotency key "%" belongs to another movement', p_idempotency_key
        using errcode = 'SS002',
              detail = format('Movement %s has this key and another content.', p_movement_id),
              hint = 'Use a new key for a new movement; send the same content to retry.',
              schema = 'public', table = 'stock_movements', column = 'idempotency_key';
end;
$function$;

comment on function stocksync._refuse_key(text, bigint) is
    'Raises SS002: this movement has the key.';
