-- Puts back into the queue a job that is to be tried again. When the same has been queued meanwhile,
-- that job takes over what this one was asked for and how often it failed: of one subject one job is
-- queued, nothing asked for is lost, and nothing is tried for ever.

create or replace function stocksync._requeue_job(p_job stocksync.jobs, p_run_at timestamptz)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job_id bigint;
begin
    loop
        update stocksync.jobs as q
        set arguments = stocksync._merge_arguments(q.arguments, p_job.arguments),
            run_at = least(q.run_at, p_run_at),
            failures = greatest(q.failures, p_job.failures),
            sqlstate = p_job.sqlstate,
            error = p_job.error
        where q.subject = p_job.subject
            and q.state = 'queued'
        returning q.id into v_job_id;

        if found then
            update stocksync.jobs as j
            set state = 'merged', merged_into = v_job_id, finished_at = clock_timestamp()
            where j.id = p_job.id;
            return;
        end if;

        begin
            update stocksync.jobs as j
            set state = 'queued', run_at = p_run_at, finished_at = null
            where j.id = p_job.id;
            return;
        exception when unique_violation then
            -- Somebody has just queued the same. An older snapshot will never show it.
            if current_setting('transaction_isolation') <> 'read committed' then
                raise exception 'job % was queued by another transaction', p_job.id
                    using errcode = 'serialization_failure', hint = 'Retry.';
            end if;
        end;
    end loop;
end;
$function$;

comment on function stocksync._requeue_job(stocksync.jobs, timestamptz) is
    'Queues a job again, not before this time, or merges it into the one queued for the same. The caller holds its row.';
