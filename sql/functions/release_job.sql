-- Gives back a job whose worker has to end before it: it is queued again at once, and this attempt
-- is none of those that it has.

create or replace function stocksync.release_job(p_job_id bigint, p_attempt bigint)
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
    select * into v_job
    from stocksync.jobs as j
    where j.id = p_job_id
        and j.attempts = p_attempt
        and j.state = 'running'
    for update;

    if not found then
        return null;
    elsif v_job.is_cancelled then
        update stocksync.jobs as j
        set state = 'cancelled', finished_at = clock_timestamp()
        where j.id = p_job_id;
    else
        perform stocksync._requeue_job(v_job, clock_timestamp());
    end if;

    select j.state into v_state from stocksync.jobs as j where j.id = p_job_id;
    return v_state;
end;
$function$;

comment on function stocksync.release_job(bigint, bigint) is
    'Puts back a running job whose statement was ended because its worker stops, and returns what it is now: "queued", "merged" (the same was queued already) or "cancelled"; null if this attempt does not run any more.';
