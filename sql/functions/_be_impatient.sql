-- Who locks in another order than writers do gives way before the server chooses one of the two, which
-- it does when deadlock_timeout is over.

create or replace function stocksync._be_impatient()
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select set_config(
        'lock_timeout',
        ceil(extract(epoch from current_setting('deadlock_timeout')::interval) * 400)::text, true
    );
$function$;

comment on function stocksync._be_impatient() is
    'Sets lock_timeout, for the rest of the transaction, to four tenths of deadlock_timeout.';
