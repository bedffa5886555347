-- The server ends a job that takes too long. A statement's limit is set before it begins, so this is
-- a call of its own, before each call of run_job().

create or replace function stocksync.use_job_timeout()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select set_config(
        'statement_timeout', ceil(extract(epoch from s.job_timeout) * 1000)::text, false
    )
    from stocksync.settings as s;
$function$;

comment on function stocksync.use_job_timeout() is
    'Makes this session cancel statements that take longer than settings.job_timeout, and returns that limit.';
