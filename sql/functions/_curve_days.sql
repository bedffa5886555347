-- Times by the day of which only the beginning is counted at them: the first that is not over, as
-- stocksync._stock_at() counts.

create or replace function stocksync._curve_days(p_points timestamptz[], p_zone text)
returns table (day date, before timestamptz, points timestamptz[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select d.day, max(d.before), array_agg(d.point)
    from (
        select p.point, p.point + interval '1 microsecond' as before,
            stocksync._first_open_day(p.point + interval '1 microsecond', p_zone) as day
        from unnest(p_points) as p (point)
    ) as d
    group by d.day;
$function$;

comment on function stocksync._curve_days(timestamptz[], text) is
    'The days in which these times lie, each with its times and the end of what is counted of it; a time at the end of a day lies at the beginning of the next.';
