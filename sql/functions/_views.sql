-- The materialized views, as a refresh goes through them.

create or replace function stocksync._views()
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(c.relname::text order by c.relname)
    from pg_class as c
    where c.relnamespace = 'stocksync'::regnamespace and c.relkind = 'm';
$function$;

comment on function stocksync._views() is
    'The names of the materialized views in schema stocksync; null if there are none.';
