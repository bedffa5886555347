-- Runs the job that has been due for longest. All of the queue is in the database: a worker calls
-- this, and so can pg_cron or psql. A procedure that commits can be neither definer nor carry SET,
-- nor catch an error: it reaches the caller, who reports it to fail_job().

create or replace procedure stocksync.run_job(
    inout p_job_id bigint default null,
    in p_worker text default null
)
language plpgsql
as $procedure$
declare
    v_job stocksync.jobs;
    v_run_id bigint;
begin
    -- Whatever the session's default: the queue is read with a snapshot of now. Chained
    -- transactions inherit it.
    commit;
    set transaction isolation level read committed;

    perform stocksync.reap_jobs();
    commit and chain;

    select * into v_job from stocksync._take_job(p_worker);
    p_job_id := v_job.id;
    commit and chain;

    if p_job_id is null then
        return;
    end if;

    raise notice 'job % begins: %, attempt %', v_job.id, v_job.subject, v_job.attempts;

    case v_job.task
        when 'sync' then
            call stocksync.sync(
                v_run_id,
                (v_job.arguments ->> 'product_id')::bigint,
                (v_job.arguments ->> 'since')::timestamptz,
                v_job.arguments ? 'force'
            );
        when 'refresh' then
            call stocksync.refresh(v_run_id);
        when 'audit' then
            call stocksync.audit(v_run_id, p_deep => true);
    end case;

    perform stocksync._finish_job(v_job.id, v_job.attempts, v_run_id);
    commit;
end;
$procedure$;

comment on procedure stocksync.run_job(bigint, text) is
    'Takes the job that has been due for longest, runs it, and returns its number; null if none is due. p_job_id is only returned. p_worker: a name that nobody else uses, for stocksync.tick(); null: a name is made. Set statement_timeout before, with stocksync.use_job_timeout() or for the role. After an error call stocksync.fail_job(), or leave the job to stocksync.reap_jobs(). Not inside a transaction block.';
