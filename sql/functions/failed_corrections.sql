-- How many products a run could not correct: what the program's exit status tells cron.

create or replace function stocksync.failed_corrections(p_run_id bigint)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select u.products_failed from stocksync.runs as u where u.id = p_run_id;
$function$;

comment on function stocksync.failed_corrections(bigint) is
    'The number of products that a run could not correct; the log names each. Null for an unknown run.';
