-- Puts a job into the queue "stock-sync". Of one subject at most one job is queued: what is asked
-- for again joins it, so that neither a burst nor a stopped worker piles up work. While a job runs
-- the same can be queued again, and runs after it: what it would have to see may have been committed
-- too late for the one that runs.

create or replace function stocksync.enqueue(
    p_task text,
    p_product_id bigint default null,
    p_since timestamptz default null,
    p_force boolean default false,
    p_run_at timestamptz default now()
)
returns bigint
language plpgsql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job_id bigint;
begin
    perform stocksync.check_scope(p_product_id, p_since);

    insert into stocksync.jobs as j (task, arguments, subject, run_at)
    values (
        p_task,
        jsonb_strip_nulls(jsonb_build_object(
            'product_id', p_product_id, 'since', p_since, 'force', nullif(p_force, false)
        )),
        p_task || coalesce(' product ' || p_product_id, ''),
        p_run_at
    )
    on conflict (subject) where state = 'queued' do update set
        arguments = stocksync._merge_arguments(j.arguments, excluded.arguments),
        run_at = least(j.run_at, excluded.run_at)
    returning id into v_job_id;

    -- Whoever listens looks at once; whoever does not, a second later. Commits that notify follow
    -- each other, which is why nothing that writes movements does.
    notify stocksync;
    return v_job_id;
end;
$function$;

comment on function stocksync.enqueue(text, bigint, timestamptz, boolean, timestamptz) is
    'Queues a job, "sync", "refresh" or "audit", and returns its number; that of the job which is queued already for the same, if there is one: then the earlier p_since, p_force if either says so, and the earlier p_run_at hold. p_product_id, p_since and p_force are those of stocksync.sync(). Runs once committed, when a worker or "call stocksync.run_job()" takes it, not before p_run_at. Raises check_violation for another task and for arguments of one that has none, no_data_found for an unknown product, invalid_parameter_value for a p_since in the future.';
