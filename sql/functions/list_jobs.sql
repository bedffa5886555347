-- The queue, as people ask for it: what needs somebody first.

create or replace function stocksync.list_jobs(p_state text default null, p_limit bigint default 50)
returns table (
    id bigint,
    subject text,
    state text,
    attempts bigint,
    run_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    error text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select j.id, j.subject, j.state, j.attempts, j.run_at, j.started_at, j.finished_at, j.error
    from stocksync.jobs as j
    where p_state is null or j.state = p_state
    order by
        array_position(array['failed', 'running', 'queued'], j.state),
        case when j.state = 'queued' then j.run_at end,
        coalesce(j.finished_at, j.started_at) desc,
        j.id
    limit p_limit;
$function$;

comment on function stocksync.list_jobs(text, bigint) is
    'The jobs: failed, running, queued in the order in which they are due, then the others, newest first. p_state: only "queued", "running", "done", "failed", "cancelled" or "merged". p_limit: no more than so many; null: all.';
