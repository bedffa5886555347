-- Tries again, now and with all its attempts, what has failed, was cancelled or waits.

create or replace function stocksync.retry_job(p_job_id bigint)
returns bigint
language plpgsql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job stocksync.jobs;
begin
    select * into v_job from stocksync.jobs as j where j.id = p_job_id for update;

    if not coalesce(v_job.state in ('failed', 'cancelled', 'queued'), false) then
        v_job := stocksync.show_job(p_job_id); -- raises for an unknown one
        raise exception 'job % is %', p_job_id, v_job.state
            using errcode = 'object_not_in_prerequisite_state',
                  detail = coalesce(
                      'It goes on as job ' || v_job.merged_into || '.',
                      'Only what is queued, failed or cancelled can be tried again.'
                  ),
                  hint = 'To have the same done once more, enqueue it.';
    end if;

    update stocksync.jobs as j
    set failures = 0,
        is_cancelled = false,
        run_at = least(j.run_at, clock_timestamp())
    where j.id = p_job_id
    returning * into v_job;

    if v_job.state <> 'queued' then
        perform stocksync._requeue_job(v_job, clock_timestamp());
    end if;

    notify stocksync;
    return (select coalesce(j.merged_into, j.id) from stocksync.jobs as j where j.id = p_job_id);
end;
$function$;

comment on function stocksync.retry_job(bigint) is
    'Queues a failed or cancelled job again, or lets a queued one run now, with all its attempts, and returns its number: that of another job if the same was queued already. Raises no_data_found for an unknown number, object_not_in_prerequisite_state for a job that runs or is done.';
