-- Settles what the transaction has written so far. Afterwards settling waits for the commit again,
-- and so does the look at the past: made before the products are locked, it would see too little.

create or replace function stocksync._settle_now()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle, stocksync._900_check deferred;
end;
$function$;

comment on function stocksync._settle_now() is
    'Settles what the transaction has written, and waits for the commit with what it writes from now on, whatever SET CONSTRAINTS said. Raises what settling raises.';
