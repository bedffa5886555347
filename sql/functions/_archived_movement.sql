-- What is left of an archived movement that had an idempotency key.

create or replace function stocksync._archived_movement(p_idempotency_key text)
returns setof stocksync.archived_keys
language sql
stable
rows 1
security definer -- an application retries what it cannot read
set search_path = pg_catalog, pg_temp
as $function$
    select * from stocksync.archived_keys as k where k.idempotency_key = p_idempotency_key;
$function$;

comment on function stocksync._archived_movement(text) is
    'The archived movement with this key; nothing if there is none.';
