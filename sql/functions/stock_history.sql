-- The stock of a product at many times, exactly, in one pass: the stock at the first, and from there
-- whole days from the roll-up and the journal, and the movements of those days in which a time lies.

create or replace function stocksync.stock_history(
    p_product_id bigint,
    p_from timestamptz,
    p_to timestamptz,
    p_step interval default '1 day',
    p_location_id bigint default null
)
returns table (at timestamptz, quantity numeric)
language plpgsql
stable
security definer -- the journal is nobody else's
set plan_cache_mode = force_custom_plan
set jit = off
set timezone = 'UTC' -- so that the zone set below ends with the function
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_most constant integer := 100000;
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    v_points timestamptz[];
    v_quantity numeric;
begin
    if num_nulls(p_product_id, p_from, p_to, p_step) > 0 then
        raise exception 'product, from, to and step must not be null'
            using errcode = 'null_value_not_allowed',
                  hint = 'Only the location may be: null is all of them.';
    elsif not (isfinite(p_from) and isfinite(p_to)) then
        raise exception 'a curve needs a beginning and an end'
            using errcode = 'invalid_parameter_value', hint = 'Give finite times.';
    elsif p_from > p_to then
        raise exception '% is after %', p_from, p_to
            using errcode = 'invalid_parameter_value', hint = 'Give the earlier time first.';
    elsif not p_step > interval '0'
        -- "1 month -29 days" goes back in February
        or least(
            extract(year from p_step), extract(month from p_step), extract(day from p_step),
            extract(hour from p_step), extract(minute from p_step), extract(second from p_step)
        ) < 0
    then
        raise exception 'the step must be longer than zero'
            using errcode = 'invalid_parameter_value', hint = 'Give one like "1 day" or "1 hour".';
    end if;

    perform stocksync.check_scope(p_product_id, null);

    -- 1. The times. Steps of days, weeks and months are those of the shop's calendar. A step beyond
    -- the end could leave what a time can be.
    perform set_config('timezone', v_zone, true);
    v_points := array(
        select p.at
        -- a step may be shorter than its usual length: February, the day of a clock change
        from generate_series(0, least(v_most, 2 + ceil(
            1.1 * extract(epoch from p_to - p_from) / extract(epoch from p_step)
        ))::integer) as n
        cross join lateral (
            -- From the beginning and never from the point before: the end of a month is not that of
            -- a shorter one. The last instant of a day is a step from the beginning of the next.
            select (p_from + interval '1 microsecond') + n * least(
                p_step, p_to - p_from + interval '1 day'
            ) - interval '1 microsecond' as at
        ) as p
        where p.at <= p_to
        limit v_most
    );
    if cardinality(v_points) = v_most then
        raise exception 'a curve has less than % points', v_most
            using errcode = 'program_limit_exceeded', hint = 'Give a longer step.';
    elsif v_points[cardinality(v_points)] < p_to then
        v_points := v_points || p_to;
    end if;

    -- 2. Of a day that is not whole the movements must be there.
    perform stocksync._check_archives(null, null, null, null, l.before, l.day)
    from stocksync._curve_days(v_points, v_zone) as l
    where exists (select from stocksync.archives as a where a.restored_at is null);

    v_quantity := coalesce(
        (
            select sum(s.quantity)
            from stocksync._stock_at(array[p_product_id], p_from, null) as s
            where p_location_id is null or s.location_id = p_location_id
        ),
        0
    );

    -- 3. The stock at each: of the first, and the difference from there of the days that were over
    -- and of the rest of a day.
    return query
    with day as materialized (
        select l.day, l.before, l.points from stocksync._curve_days(v_points, v_zone) as l
    ),
    turnover as (
        select t.day, sum(t.quantity) as quantity
        from (
            select d.day, d.location_id, d.quantity
            from stocksync.stock_daily as d
            where d.product_id = p_product_id
            union all
            select j.day, j.location_id, j.quantity
            from stocksync._journal as w
            cross join unnest(w.lines) as j
            where j.product_id = p_product_id
        ) as t
        where t.day >= (select min(l.day) from day as l)
            and t.day < (select max(l.day) from day as l)
            and (p_location_id is null or t.location_id = p_location_id)
        group by t.day
    ),
    whole as (
        -- what was over when a day with times began
        select b.day, sum(sum(b.quantity)) over (order by b.day) - sum(b.quantity) as quantity
        from (
            select t.day, t.quantity from turnover as t
            union all
            select l.day, 0 from day as l
        ) as b
        group by b.day
    ),
    change as (
        select l.day, m.occurred_at as at,
            case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity,
            false as is_point
        from day as l
        join public.stock_movements as m
            on m.product_id = p_product_id
            and m.occurred_at >= (l.day::timestamp at time zone v_zone) - interval '2 hours'
            and m.occurred_at < l.before
            and (m.occurred_at at time zone v_zone)::date >= l.day
            and (p_location_id is null or m.location_id = p_location_id)
        union all
        select l.day, p, 0, true
        from day as l
        cross join unnest(l.points) as p
    ),
    part as (
        select c.day, c.at, c.is_point,
            sum(c.quantity) over (partition by c.day order by c.at) as quantity
        from change as c
    ),
    moment as (
        select p.at, w.quantity + p.quantity as quantity
        from part as p
        join whole as w on w.day = p.day
        where p.is_point
    )
    select m.at,
        trim_scale(v_quantity + m.quantity - first_value(m.quantity) over (order by m.at))
    from moment as m
    order by m.at;
end;
$function$;

comment on function stocksync.stock_history(bigint, timestamptz, timestamptz, interval, bigint) is
    'The stock of a product, at one location or at all (null), at p_from and every p_step after it until p_to, and at p_to: each what stocksync.stock_as_of() returns for that time. Steps of days and longer follow the calendar of the shop. Raises no_data_found for an unknown product, null_value_not_allowed, invalid_parameter_value for times in the wrong order or a step that is not longer than zero, program_limit_exceeded for 100,000 points or more, SS006 where it needs movements that are archived. In a transaction that has written movements, call it after "set constraints all immediate".';
