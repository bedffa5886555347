-- Ends an attempt that failed, and decides what becomes of the job: tried again after a while if
-- what went wrong may pass and there are attempts left, else failed for good, which somebody must be
-- told. A procedure that commits cannot catch its errors: whoever called run_job() reports them here,
-- and whoever does not is found by reap_jobs().

create or replace function stocksync.fail_job(
    p_job_id bigint,
    p_attempt bigint,
    p_sqlstate text,
    p_error text
)
returns text
language plpgsql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job stocksync.jobs;
    v_settings stocksync.settings;
begin
    update stocksync.jobs as j
    set failures = j.failures + 1,
        sqlstate = p_sqlstate,
        error = p_error
    where j.id = p_job_id
        and j.attempts = p_attempt
        and j.state = 'running'
    returning * into v_job;

    if not found then
        return null;
    end if;

    select * into v_settings from stocksync.settings;

    if v_job.is_cancelled then
        update stocksync.jobs as j
        set state = 'cancelled', finished_at = clock_timestamp()
        where j.id = p_job_id;
    elsif stocksync._may_pass(p_sqlstate) and v_job.failures < v_settings.job_attempts then
        perform stocksync._requeue_job(
            v_job,
            clock_timestamp() + v_settings.job_backoff[
                least(v_job.failures, cardinality(v_settings.job_backoff))
            ]
        );
    else
        update stocksync.jobs as j
        set state = 'failed', finished_at = clock_timestamp()
        where j.id = p_job_id;
    end if;

    select * into v_job from stocksync.jobs as j where j.id = p_job_id;

    if v_job.state <> 'cancelled' then
        perform stocksync._write_log(
            case v_job.state when 'failed' then 'critical' else 'error' end,
            case v_job.state
                when 'failed' then 'job failed for good'
                else 'job failed and will be tried again'
            end,
            (v_job.arguments ->> 'product_id')::bigint,
            jsonb_strip_nulls(jsonb_build_object(
                'job', v_job.id, 'subject', v_job.subject, 'attempt', p_attempt,
                'failures', v_job.failures, 'sqlstate', p_sqlstate, 'error', p_error,
                'merged_into', v_job.merged_into,
                'run_at', case v_job.state when 'queued' then v_job.run_at end
            ))
        );
    end if;
    return v_job.state;
end;
$function$;

comment on function stocksync.fail_job(bigint, bigint, text, text) is
    'Reports that this attempt of a job failed, and returns what the job is now: "queued" (tried again later), "merged" (the same was queued already), "failed" for good, or "cancelled"; null if this attempt does not run any more. p_sqlstate: of the error, null for a lost connection or worker.';
