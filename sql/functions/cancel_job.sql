-- Takes a job out of the queue, or ends it while it runs. What it has committed stays.

create or replace function stocksync.cancel_job(p_job_id bigint)
returns text
language plpgsql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job stocksync.jobs;
    v_state text;
begin
    select * into v_job from stocksync.jobs as j where j.id = p_job_id for update;

    if not coalesce(v_job.state in ('queued', 'running', 'failed'), false) then
        v_job := stocksync.show_job(p_job_id); -- raises for an unknown one
        raise exception 'job % is %', p_job_id, v_job.state
            using errcode = 'object_not_in_prerequisite_state',
                  detail = coalesce(
                      'It goes on as job ' || v_job.merged_into || '.', 'It has ended.'
                  );
    end if;

    -- A job that runs has ended when its statement has, and not before, or the next of its subject
    -- could begin beside it. Where the statement is another role's, its worker ends it.
    v_state := case
        when v_job.state = 'running' and stocksync._runs_still(v_job) is not false then 'running'
        else 'cancelled'
    end;

    update stocksync.jobs as j
    set state = v_state,
        is_cancelled = true,
        finished_at = case v_state when 'cancelled' then clock_timestamp() end
    where j.id = p_job_id;

    if v_state = 'running' then
        perform stocksync._cancel_statement(v_job);
    end if;

    perform stocksync._write_log(
        'info', 'job cancelled', (v_job.arguments ->> 'product_id')::bigint,
        jsonb_build_object('job', v_job.id, 'subject', v_job.subject, 'was', v_job.state)
    );
    return v_state;
end;
$function$;

comment on function stocksync.cancel_job(bigint) is
    'Cancels a job that is queued, running or failed, so that it is not tried again, and returns what it is now: "cancelled", or "running" while its statement is being ended. Raises no_data_found for an unknown number, object_not_in_prerequisite_state for a job that has ended.';
