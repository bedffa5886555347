-- All products that say nothing themselves settle otherwise from here on.

create or replace function stocksync.tg_settings__contention()
returns trigger
language plpgsql
security definer -- folds, which nobody does by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync._let_all_wait(null, p_tries_again => false);
    return null;
end;
$function$;

comment on function stocksync.tg_settings__contention() is
    'Folds what was left beside products. Raises lock_not_available while movements of one that is not waited for are being written, object_not_in_prerequisite_state above READ COMMITTED.';

create or replace trigger _100_contention
    after update of contention, allow_negative on stocksync.settings
    for each row
    when (old.contention <> new.contention or old.allow_negative <> new.allow_negative)
    execute function stocksync.tg_settings__contention();

comment on trigger _100_contention on stocksync.settings is
    'Waits for whoever leaves changes beside products, and folds them.';
