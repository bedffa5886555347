-- Looks whether the statement that began a job's attempt is still running. A server process of the
-- same number is not enough: after a restart it may be anybody's.

create or replace function stocksync._runs_still(p_job stocksync.jobs)
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    -- or the transaction would go on seeing the processes that it saw first
    select pg_stat_clear_snapshot();

    select case
        when a.pid is null or p_job.started_at < pg_postmaster_start_time() then false
        -- of other roles' sessions only some may see more
        when a.query_start is not null then a.state <> 'idle' and a.query_start <= p_job.started_at
    end
    from (values (true)) as v
    left join pg_stat_activity as a on a.pid = p_job.pid and a.datname = current_database();
$function$;

comment on function stocksync._runs_still(stocksync.jobs) is
    'Whether the statement that runs this attempt of the job is still running; null if there is a process of its number and no right to see more.';
