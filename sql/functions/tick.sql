-- What a worker does every second: says that it is alive, looks for lost jobs, and asks whether
-- there is something to do. Never waits for another session for longer than a moment.

create or replace function stocksync.tick(p_worker text)
returns table (job_id bigint, attempt bigint, is_cancelled boolean, is_due boolean)
language plpgsql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    update stocksync.jobs as j
    set seen_at = clock_timestamp()
    where j.id in (
        select k.id
        from stocksync.jobs as k
        where k.state = 'running' and k.worker = p_worker
        for update skip locked -- who holds it is about to end it
    );

    perform stocksync.reap_jobs();

    return query
    select j.id, j.attempts, j.is_cancelled,
        exists (
            select
            from stocksync.jobs as q
            where q.state = 'queued'
                and q.run_at <= now()
                and not exists (
                    select
                    from stocksync.jobs as r
                    where r.state = 'running' and r.subject = q.subject
                )
        )
    from (values (true)) as v
    left join stocksync.jobs as j on j.state = 'running' and j.worker = p_worker
    limit 1;
end;
$function$;

comment on function stocksync.tick(text) is
    'The heartbeat of a worker: marks its running job as seen, reaps lost jobs, and returns one row: that job (null: none), its attempt, whether somebody has cancelled it, and whether any job is due.';
