-- Tries again whatever has failed for good: what to do once the cause is gone.

create or replace function stocksync.retry_failed_jobs()
returns setof bigint
language plpgsql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- All first and in one order: whoever retries one of them alone may wait for what it is merged
    -- into, which another of them may become.
    perform from stocksync.jobs as j where j.state = 'failed' order by j.id for update;

    return query
    select distinct stocksync.retry_job(f.id)
    from (
        select j.id from stocksync.jobs as j where j.state = 'failed' order by j.subject, j.id
    ) as f;
end;
$function$;

comment on function stocksync.retry_failed_jobs() is
    'Queues every failed job again with all its attempts, and returns their numbers; of several about the same one is left.';
