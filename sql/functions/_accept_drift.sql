-- Ends drift: what sql/ defines will be put back, the rest is taken as it is. A migration ends with
-- it too, since what it changes is meant, and what it drops by "cascade" has to come back.

create or replace function stocksync._accept_drift()
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    -- a file that is not known to be deployed is run by the next deployment
    delete from stocksync.deployed_file as f
    using stocksync.drift as d
    where d.path = f.path
        and d.state in ('changed', 'missing');

    select stocksync._record_objects();
$function$;

comment on function stocksync._accept_drift() is
    'Makes stocksync.drift empty. Objects made by files under sql/ are put back by the next "stocksync migrate".';

revoke all on function stocksync._accept_drift() from public;
