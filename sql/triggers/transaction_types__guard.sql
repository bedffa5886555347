-- What a movement meant when it was written is what it means for ever: a type in use keeps its name
-- and its direction.

create or replace function stocksync.tg_transaction_types__guard()
returns trigger
language plpgsql
security definer -- whoever may change types need not be able to lock or read the movements
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- An older snapshot would not show the movements committed since.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'transaction types can only be changed at READ COMMITTED'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin the transaction with isolation level read committed.',
                  schema = 'public', table = 'transaction_types';
    end if;

    -- Movements of transactions still running would escape the check: wait for them.
    lock table public.stock_movements in share mode;

    if tg_op = 'TRUNCATE' then
        if exists (select from public.stock_movements)
            or exists (select from stocksync.archived_daily)
        then
            raise exception 'transaction types have movements'
                using errcode = 'restrict_violation',
                      hint = 'Delete the types that are not used, one by one.',
                      schema = 'public', table = 'transaction_types', column = 'name',
                      constraint = 'transaction_types_used_is_fixed';
        end if;
        return null;
    end if;

    if exists (
        select from public.stock_movements as m where m.transaction_type = old.name
    ) or exists (
        select from stocksync.archived_daily as a where a.transaction_type = old.name
    ) then
        raise exception 'transaction type "%" has movements', old.name
            using errcode = 'restrict_violation',
                  hint = 'Add a new type instead.',
                  schema = 'public', table = 'transaction_types', column = 'name',
                  constraint = 'transaction_types_used_is_fixed';
    end if;
    return coalesce(new, old);
end;
$function$;

comment on function stocksync.tg_transaction_types__guard() is
    'Raises restrict_violation if a type that has movements is renamed, turned round, deleted or truncated, object_not_in_prerequisite_state above READ COMMITTED. Waits for running writers of movements.';

create or replace trigger _100_guard_update
    before update of name, movement_type on public.transaction_types
    for each row
    when (old.name <> new.name or old.movement_type <> new.movement_type)
    execute function stocksync.tg_transaction_types__guard();

comment on trigger _100_guard_update on public.transaction_types is
    'Keeps name and direction of a type that has movements.';

create or replace trigger _100_guard_delete
    before delete on public.transaction_types
    for each row
    execute function stocksync.tg_transaction_types__guard();

comment on trigger _100_guard_delete on public.transaction_types is
    'Keeps a type that has movements.';

create or replace trigger _100_guard_truncate
    before truncate on public.transaction_types
    for each statement
    execute function stocksync.tg_transaction_types__guard();

comment on trigger _100_guard_truncate on public.transaction_types is
    'Keeps the types while there are movements.';
