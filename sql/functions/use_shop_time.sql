-- A day is a day of the shop, not of whoever asks.

create or replace function stocksync.use_shop_time()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select set_config('TimeZone', s.time_zone, false) from stocksync.settings as s;
$function$;

comment on function stocksync.use_shop_time() is
    'Makes this session read and print times in the time zone of stocksync.settings, and returns its name.';
