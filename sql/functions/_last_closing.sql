-- The balances that an audit holds against the movements, and that a fix books from.

create or replace function stocksync._last_closing()
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.snapshot_id
    from stocksync.closings as c
    where c.reopened_at is null
    order by c.closed_before desc
    limit 1;
$function$;

comment on function stocksync._last_closing() is
    'Number of the snapshot of the last closing that was not reopened; null if there is none.';
