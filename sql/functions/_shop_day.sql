-- Today, in the shop. A function and not a subquery, because the planner asks it: it then knows how
-- few of all days a report reads, and takes the index on the day.

create or replace function stocksync._shop_day()
returns date
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select (now() at time zone s.time_zone)::date from stocksync.settings as s;
$function$;

comment on function stocksync._shop_day() is
    'The day it is now in the time zone of stocksync.settings.';
