-- Whether movements have come in since the last roll-up: somebody is writing.

create or replace function stocksync._has_journal()
returns boolean
language sql
volatile
security definer -- the journal is nobody else's
set search_path = pg_catalog, pg_temp
as $function$
    select exists (select from stocksync._journal);
$function$;

comment on function stocksync._has_journal() is
    'True if the journal is not empty.';
