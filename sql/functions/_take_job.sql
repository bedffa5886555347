-- Takes the job that has been due for longest. Whoever is faster has it; the others look further.

create or replace function stocksync._take_job(p_worker text)
returns setof stocksync.jobs
language sql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
as $function$
    update stocksync.jobs as j
    set state = 'running',
        attempts = j.attempts + 1,
        started_at = clock_timestamp(),
        seen_at = clock_timestamp(),
        worker = coalesce(p_worker, format('%s, process %s', session_user, pg_backend_pid())),
        pid = pg_backend_pid()
    where j.id = (
        select q.id
        from stocksync.jobs as q
        where q.state = 'queued'
            and q.run_at <= now()
            and not exists (
                select
                from stocksync.jobs as r
                where r.state = 'running' and r.subject = q.subject
            )
        order by q.run_at, q.id
        limit 1
        for update of q skip locked
    )
    returning j.*;
$function$;

comment on function stocksync._take_job(text) is
    'Marks the next due job as running in this session and returns it; no row if none is due.';
