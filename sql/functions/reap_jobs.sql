-- Finds the jobs that nobody will report on: their worker and their server process are gone, or
-- they run for longer than any may. A statement that still runs is never run a second time; the one
-- that has no end is ended.

create or replace function stocksync.reap_jobs(
    p_lost_after interval default '30 seconds',
    p_late_after interval default '1 minute'
)
returns bigint
language plpgsql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
-- What a job would be merged into may be in the hands of a transaction that takes its time.
set lock_timeout = '100ms'
as $function$
declare
    v_ids bigint[];
    v_latest_start timestamptz;
    v_job stocksync.jobs;
    v_runs boolean;
    v_reaped bigint := 0;
begin
    -- The timeout is the server's to enforce. This is for sessions that have none.
    select clock_timestamp() - s.job_timeout - p_late_after
    into v_latest_start
    from stocksync.settings as s;

    select array_agg(c.id) into v_ids
    from (
        select j.id
        from stocksync.jobs as j
        where j.state = 'running'
            and (
                j.seen_at < clock_timestamp() - p_lost_after
                or j.started_at < v_latest_start
                or j.started_at < pg_postmaster_start_time()
            )
        for update skip locked
    ) as c;

    for v_job in
        -- in one order, since each may wait for another job of its subject
        select * from stocksync.jobs as j where j.id = any (v_ids) order by j.subject
    loop
        v_runs := stocksync._runs_still(v_job);
        begin
            if v_runs is false then
                perform stocksync.fail_job(
                    v_job.id, v_job.attempts, null, 'the worker or its connection was lost'
                );
            elsif v_job.started_at < v_latest_start then
                perform stocksync._cancel_statement(v_job);
                perform stocksync.fail_job(
                    v_job.id, v_job.attempts, '57014', 'the job took longer than it may'
                );
            else
                continue;
            end if;
            v_reaped := v_reaped + 1;
        exception when lock_not_available then
            null; -- the next time
        end;
    end loop;

    return v_reaped;
end;
$function$;

comment on function stocksync.reap_jobs(interval, interval) is
    'Ends as failed the running jobs that have not been heard of for p_lost_after and whose server process is gone, or that run for p_late_after longer than settings.job_timeout, and returns how many. Workers and stocksync.run_job() call it.';
