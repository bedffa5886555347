-- All products that say nothing themselves settle otherwise from here on: nobody relies on how they did,
-- nobody leaves anything beside one, and what was left is in it.

create or replace function stocksync.tg_settings__contention()
returns trigger
language plpgsql
security definer -- folds, which nobody does by hand
set search_path = pg_catalog, pg_temp
-- back to what it was at the end
set lock_timeout = 0
as $function$
declare
    v_ids bigint[];
begin
    perform stocksync._be_impatient();
    perform pg_advisory_xact_lock(stocksync._lock_key('contention'));
    perform stocksync._hold_groups(null);

    v_ids := array(select distinct q.product_id from stocksync._pending as q);
    perform stocksync.lock_products(v_ids);
    delete from stocksync._pending as q where q.product_id = any (v_ids);
    delete from stocksync._hot;
    return null;
exception when lock_not_available then
    perform stocksync._say_busy(null);
end;
$function$;

comment on function stocksync.tg_settings__contention() is
    'Folds what was left beside products. Raises lock_not_available while movements of one that is not waited for are being written, or one is counted, deleted or changed; object_not_in_prerequisite_state above READ COMMITTED.';

create or replace trigger _100_contention
    after update of contention, allow_negative on stocksync.settings
    for each row
    when (old.contention <> new.contention or old.allow_negative <> new.allow_negative)
    execute function stocksync.tg_settings__contention();

comment on trigger _100_contention on stocksync.settings is
    'Waits for whoever leaves changes beside products, and folds them.';
