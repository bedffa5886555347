-- Keeps the old version of a movement that somebody privileged changed or removed: without it,
-- nobody could say any more what was known before.

create or replace function stocksync.tg_stock_movements__history()
returns trigger
language plpgsql
security definer -- writes a table that nobody else may write
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- What is archived is in the archive, and a late movement was kept as it was given.
    if stocksync._has_pass() then
        return null;
    end if;

    if tg_op = 'UPDATE' and new.id <> old.id then
        raise exception 'the number of movement % cannot change', old.id
            using errcode = 'check_violation',
                  hint = 'Reverse the movement and insert a new one.',
                  schema = 'public', table = 'stock_movements', column = 'id',
                  constraint = 'stock_movements_id_is_fixed';
    end if;

    insert into stocksync.movement_history (
        operation, movement_id, product_id, location_id, movement_type, transaction_type, quantity,
        occurred_at, recorded_at, unit_cost, reference, idempotency_key, reverses_id, user_id,
        notes, metadata, batch_id, batch_number, expiry_date
    )
    values (
        lower(tg_op), old.id, old.product_id, old.location_id, old.movement_type,
        old.transaction_type, old.quantity, old.occurred_at, old.recorded_at, old.unit_cost,
        old.reference, old.idempotency_key, old.reverses_id, old.user_id, old.notes, old.metadata,
        old.batch_id, old.batch_number, old.expiry_date
    );
    return null;
end;
$function$;

comment on function stocksync.tg_stock_movements__history() is
    'Copies the old version of a movement to movement_history. Raises check_violation if its id changes.';

create or replace trigger _500_history_of_update
    after update on public.stock_movements
    for each row
    when (old is distinct from new)
    execute function stocksync.tg_stock_movements__history();

comment on trigger _500_history_of_update on public.stock_movements is
    'Keeps the old version of an updated movement.';

create or replace trigger _500_history_of_delete
    after delete on public.stock_movements
    for each row
    execute function stocksync.tg_stock_movements__history();

comment on trigger _500_history_of_delete on public.stock_movements is
    'Keeps the old version of a deleted movement.';
