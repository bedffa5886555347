-- Who tries again and again waits as long as one lock may be waited for.

create or replace function stocksync._patience_ends()
returns timestamptz
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select clock_timestamp()
        + coalesce(nullif(current_setting('lock_timeout')::interval, '0'), interval '1 year');
$function$;

comment on function stocksync._patience_ends() is
    'When lock_timeout is over, counted from now; in a year if there is none.';
