-- What a run has found, before it corrects anything.

create or replace function stocksync._record_found(p_run_id bigint, p_products_found bigint)
returns void
language sql
volatile
security definer -- nobody writes runs by hand
set search_path = pg_catalog, pg_temp
as $function$
    update stocksync.runs as u
    set products_found = p_products_found,
        seen_at = clock_timestamp()
    where u.id = p_run_id;
$function$;

comment on function stocksync._record_found(bigint, bigint) is
    'Records how many products a run has found wrong.';
