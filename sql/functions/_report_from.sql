-- Where the window of the reports begins. A function and not a subquery, because the planner asks
-- it: it then knows how few of all days a report reads, and takes the index on the day.

create or replace function stocksync._report_from()
returns date
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select stocksync._shop_day() - s.report_days::integer + 1 from stocksync.settings as s;
$function$;

comment on function stocksync._report_from() is
    'The first of the last report_days days of stocksync.settings, today being the last of them.';
