-- Opens the record of a refresh, unless one is running. A refresh holds the advisory lock "refresh"
-- in each of its transactions; between two of them, for a moment, only its record tells that it
-- lives: a lock of the session would outlive a refresh that fails, and stick in a pooler.

create or replace function stocksync._start_refresh()
returns bigint
language plpgsql
volatile
security definer -- nobody writes runs by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    if not pg_try_advisory_xact_lock(stocksync._lock_key('refresh')) or exists (
        select
        from stocksync.runs as u
        join pg_stat_activity as a on a.pid = u.pid
        where u.command = 'refresh'
            and u.finished_at is null
            and u.pid <> pg_backend_pid()
            -- Another process may have the number of one that is dead: what lives has just
            -- committed a step.
            and abs(extract(epoch from clock_timestamp() - u.seen_at)) < 5
    ) then
        perform stocksync._write_log(
            'info', 'stock synchronization skipped: a refresh is running',
            p_context => jsonb_build_object('command', 'refresh')
        );
        return null;
    end if;
    return stocksync._start_run('refresh', null, null, null);
end;
$function$;

comment on function stocksync._start_refresh() is
    'Records the start of a refresh and returns its number; null if another one is running.';
