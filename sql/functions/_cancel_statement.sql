-- Ends the statement that runs a job, and never another one: the caller holds the job's row, so the
-- statement cannot get past its end meanwhile.

create or replace function stocksync._cancel_statement(p_job stocksync.jobs)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    return stocksync._runs_still(p_job) and pg_cancel_backend(p_job.pid);
exception when insufficient_privilege then
    return false;
end;
$function$;

comment on function stocksync._cancel_statement(stocksync.jobs) is
    'Cancels the statement of a running job, whose row the caller holds; false or null if that is not permitted, or it runs no more.';
