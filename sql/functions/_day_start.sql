-- When a day begins in the shop. Where clocks go back over midnight, an hour of that name comes
-- twice, and the server answers with the second.

create or replace function stocksync._day_start(p_day date)
returns timestamptz
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select min(c.at)
    from stocksync.settings as s
    cross join lateral (
        select (p_day::timestamp at time zone s.time_zone) - w.step as at
        from (values (interval '0'), (interval '30 minutes'), (interval '1 hour')) as w (step)
    ) as c
    where (c.at at time zone s.time_zone)::date >= p_day;
$function$;

comment on function stocksync._day_start(date) is
    'The first instant of a day in the time zone of stocksync.settings.';
