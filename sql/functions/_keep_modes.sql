-- Whoever relies on the lock of a product alone, because it settles in "wait", or is about to find out,
-- keeps the settings from saying otherwise meanwhile. The settings are changed by whoever holds this
-- lock alone.

create or replace function stocksync._keep_modes()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform pg_advisory_xact_lock_shared(stocksync._lock_key('contention'));

    -- An older snapshot does not see what they say now: then the lock raises serialization_failure.
    if current_setting('transaction_isolation') <> 'read committed' then
        perform from stocksync.settings as s where s.xmax <> 0 for share skip locked;
    end if;
end;
$function$;

comment on function stocksync._keep_modes() is
    'Keeps stocksync.settings.contention and allow_negative as they are until the end of the transaction. Raises serialization_failure if they have changed since its snapshot.';
