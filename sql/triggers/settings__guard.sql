-- Without its row of settings nothing would be captured: it cannot be removed.

create or replace function stocksync.tg_settings__guard()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    raise exception 'the settings cannot be removed'
        using errcode = 'restrict_violation',
              hint = 'Update the row instead.',
              schema = 'stocksync', table = 'settings',
              constraint = 'settings_row_is_fixed';
end;
$function$;

comment on function stocksync.tg_settings__guard() is
    'Raises restrict_violation where the row of settings is deleted or truncated.';

create or replace trigger _100_guard_delete
    before delete on stocksync.settings
    for each row
    execute function stocksync.tg_settings__guard();

comment on trigger _100_guard_delete on stocksync.settings is 'Keeps the row of settings.';

create or replace trigger _100_guard_truncate
    before truncate on stocksync.settings
    for each statement
    execute function stocksync.tg_settings__guard();

comment on trigger _100_guard_truncate on stocksync.settings is 'Keeps the row of settings.';
