-- Whether there is any product that may not fall below zero: in most shops none, so that nothing
-- more is asked of back-dated movements.

create or replace function stocksync._refuses_negative()
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select exists (select from stocksync.settings as s where not s.allow_negative)
        or exists (select from public.products as p where not p.allow_negative);
$function$;

comment on function stocksync._refuses_negative() is
    'True if the settings or any product refuse negative stock.';
