-- The unique index knows only what is in the table: for keys of archived movements, this says what
-- it would say.

create or replace function stocksync._refuse_archived_key(p_key stocksync.archived_keys)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    raise exception 'idempotency key "%" belongs to an archived movement', p_key.idempotency_key
        using errcode = 'unique_violation',
              detail = format('Movement %s of %s has it.', p_key.movement_id, p_key.occurred_at),
              hint = 'It was counted already. stocksync.record_movement() and "stocksync import" take such a retry without an error.',
              schema = 'public', table = 'stock_movements', column = 'idempotency_key',
              constraint = 'stock_movements_idempotency_key_idx';
end;
$function$;

comment on function stocksync._refuse_archived_key(stocksync.archived_keys) is
    'Raises unique_violation: this key is taken.';
