-- Begins the next transaction of a run. Of refreshes there is one at a time.

create or replace function stocksync._continue_run(p_run_id bigint)
returns void
language plpgsql
volatile
security definer -- nobody writes runs by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    if (select u.command from stocksync.runs as u where u.id = p_run_id) <> 'refresh' then
        return;
    end if;

    -- Held by another only for the moment in which it finds out that this one is running.
    while not pg_try_advisory_xact_lock(stocksync._lock_key('refresh')) loop
        perform pg_sleep(0.02);
    end loop;

    -- A refresh that was frozen for long is taken for dead, and the next one has begun.
    if exists (
        select from stocksync.runs as u where u.command = 'refresh' and u.id > p_run_id
    ) then
        raise exception 'refresh % was overtaken by another one', p_run_id
            using errcode = 'object_in_use',
                  hint = 'Nothing is lost: the other one does the work.';
    end if;
end;
$function$;

comment on function stocksync._continue_run(bigint) is
    'Takes the lock of the refresh for this transaction, if the run is one. Raises object_in_use if a later refresh has begun.';
