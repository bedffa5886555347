-- Ends an attempt that went well. A report of an attempt that is not the running one (its worker was
-- taken for lost meanwhile) counts for nothing.

create or replace function stocksync._finish_job(p_job_id bigint, p_attempt bigint, p_run_id bigint)
returns boolean
language plpgsql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    update stocksync.jobs as j
    set state = 'done',
        run_id = p_run_id,
        finished_at = clock_timestamp()
    where j.id = p_job_id
        and j.attempts = p_attempt
        and j.state = 'running';

    return found;
end;
$function$;

comment on function stocksync._finish_job(bigint, bigint, bigint) is
    'Marks a job as done by this attempt, with the run it made; false if the attempt does not run any more.';
