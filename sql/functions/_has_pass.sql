-- Whether stocksync itself is at work in the closed part of the ledger, in a way that changes no
-- stock: a late movement on its way to the first open day, or an archive.

create or replace function stocksync._has_pass()
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select exists (select from stocksync._passes as p where p.xid = pg_current_xact_id());
$function$;

comment on function stocksync._has_pass() is
    'True while stocksync itself changes closed movements in this transaction.';
