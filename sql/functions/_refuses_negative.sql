-- Whether there is any product that may not fall below zero: in most shops none, so that nothing
-- more is asked of back-dated movements.

create or replace function stocksync._refuses_negative()
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select exists (select from stocksync.settings as s where not s.allow_negative)
        -- in an order, so that it is the index that is asked, whatever the planner knows of the table
        or (
            select p.id from public.products as p where not p.allow_negative order by p.id limit 1
        ) is not null;
$function$;

comment on function stocksync._refuses_negative() is
    'True if the settings or any product refuse negative stock.';
