-- The days of stock_daily are those of one time zone. Changing it means counting all days anew,
-- while writers wait.

create or replace function stocksync.tg_settings__time_zone()
returns trigger
language plpgsql
security definer -- nobody writes the roll-up by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- The server also takes what looks like a POSIX zone, "nonsense5" for example.
    if not exists (select from pg_timezone_names as z where z.name = new.time_zone) then
        raise exception 'time zone "%" does not exist', new.time_zone
            using errcode = 'invalid_parameter_value',
                  hint = 'Use a name of pg_timezone_names, like "Europe/Paris".',
                  schema = 'stocksync', table = 'settings', column = 'time_zone';
    end if;

    -- An older snapshot would miss movements that were committed since.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'the time zone can only be changed at READ COMMITTED'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin the transaction with isolation level read committed.',
                  schema = 'stocksync', table = 'settings', column = 'time_zone';
    end if;

    -- 1. Nobody else counts: no roll-up, no correction, no writer.
    perform pg_advisory_xact_lock(stocksync._lock_key('roll_up'));
    lock table public.stock_movements in share row exclusive mode;

    -- 2. Settled later, this transaction's own lines would be counted twice, in days of two zones.
    perform stocksync._settle_now();

    -- 3. All days anew.
    delete from stocksync._journal;
    delete from stocksync.stock_daily;
    delete from stocksync.stock_total;

    insert into stocksync._journal (lines, is_settled)
    select array_agg(l), true
    from stocksync._roll_up_differences(null) as l
    having count(*) > 0;

    perform stocksync.roll_up();

    perform stocksync._write_log(
        'warning', 'time zone changed',
        p_context => jsonb_build_object('before', old.time_zone, 'after', new.time_zone)
    );
    return null;
end;
$function$;

comment on function stocksync.tg_settings__time_zone() is
    'Counts all days of the roll-up anew in the new time zone. Raises invalid_parameter_value for a zone that does not exist, object_not_in_prerequisite_state above READ COMMITTED.';

create or replace trigger _500_time_zone
    after update of time_zone on stocksync.settings
    for each row
    when (old.time_zone <> new.time_zone)
    execute function stocksync.tg_settings__time_zone();

comment on trigger _500_time_zone on stocksync.settings is
    'Counts all days of the roll-up anew when the time zone changes.';
