-- Stock as of a time, as known at a time, or both, exactly. What occurred is counted from the nearest
-- end: forwards from the last closing, or backwards from now; days come from the roll-up and the
-- journal, and movements are read for the rest of a day only. What was known at a time had occurred
-- by then, except what was dated in the future; of what had occurred, that is taken back which was
-- recorded later: on the same day, or late, or by a change. Neither reads the history.

create or replace function stocksync._stock_at(
    p_product_ids bigint[],
    p_at timestamptz,
    p_known_at timestamptz
)
returns table (product_id bigint, location_id bigint, quantity numeric)
language plpgsql
stable
-- one product and all of them are different plans
set plan_cache_mode = force_custom_plan
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    -- Times are of microseconds: everything before this one.
    v_end constant timestamptz := case
        when isfinite(p_at) then p_at + interval '1 microsecond'
        else coalesce(p_at, 'infinity')
    end;
    v_before constant timestamptz := least(v_end, case
        when isfinite(p_known_at) then p_known_at + interval '1 microsecond'
        else p_known_at
    end);
    v_day date := 'infinity';
    v_first_day date;
    v_from_day date;
    v_from timestamptz := '-infinity';
    v_snapshot_id bigint;
    v_known_from timestamptz;
begin
    if v_before = '-infinity' then
        return;
    end if;

    -- 1. The days that are over before it.
    if isfinite(v_before) then
        v_day := stocksync._first_open_day(v_before, v_zone);
    end if;

    -- 2. From where to count: the last closing, or else the beginning.
    select c.snapshot_id, c.closed_before into v_snapshot_id, v_from
    from stocksync.closings as c
    where c.closed_at is not null and c.reopened_at is null and c.closed_before <= v_before
    order by c.closed_before desc
    limit 1;

    -- ... and the days that are whole since. The day before may come once more here too.
    if found then
        v_from_day := stocksync._first_open_day(v_from, v_zone);

        select max(((v_from - interval '1 microsecond' - w.step * interval '15 minutes')
            at time zone v_zone)::date) + 1
        into v_first_day
        from generate_series(0, 8) as w (step);
    else
        v_from := '-infinity';
        v_first_day := '-infinity';
    end if;

    -- ... or backwards from now, if that is nearer.
    if v_before = 'infinity'
        or stocksync._shop_day() - v_day <= v_day - coalesce(
            nullif(v_first_day, '-infinity'),
            (select min(d.day) from stocksync.stock_daily as d),
            v_day
        )
    then
        v_snapshot_id := null;
        v_from := null;
        v_first_day := null;
        v_from_day := null;
    end if;

    -- 3. What is not a whole day must be there as movements.
    perform stocksync._check_archives(
        p_known_at, v_from, v_from_day, v_first_day, v_before, v_day
    );

    -- 4. What cannot have changed since p_known_at, as it was closed by then.
    v_known_from := coalesce(
        (
            select max(c.closed_before)
            from stocksync.closings as c
            where c.closed_at <= p_known_at and c.reopened_at is null
        ),
        '-infinity'
    );

    return query
    select u.product_id, u.location_id, trim_scale(sum(u.quantity))
    from (
        select b.product_id, b.location_id, b.quantity
        from stocksync.snapshot_balances as b
        where b.snapshot_id = v_snapshot_id
            and (p_product_ids is null or b.product_id = any (p_product_ids))
        union all
        -- backwards: all there is, less the days since
        select t.product_id, t.location_id, t.quantity
        from stocksync.stock_total as t
        where v_from is null
            and (p_product_ids is null or t.product_id = any (p_product_ids))
        union all
        select d.product_id, d.location_id, -d.quantity
        from stocksync.stock_daily as d
        where v_from is null
            and d.day >= v_day
            and (p_product_ids is null or d.product_id = any (p_product_ids))
        union all
        -- forwards: the days between
        select d.product_id, d.location_id, d.quantity
        from stocksync.stock_daily as d
        where v_from is not null
            and d.day >= v_first_day
            and d.day < v_day
            and (p_product_ids is null or d.product_id = any (p_product_ids))
        union all
        select l.product_id, l.location_id, l.quantity
        from stocksync._journal as j
        cross join unnest(j.lines) as l
        where l.day < v_day
            and (v_from is null or l.day >= v_first_day)
            and (p_product_ids is null or l.product_id = any (p_product_ids))
        union all
        -- the rest of the first day, where the zone has changed since the closing, or clocks go back
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= v_from
            and m.occurred_at < least(v_before, (v_first_day + 1)::timestamp at time zone v_zone)
            and (m.occurred_at at time zone v_zone)::date < least(v_first_day, v_day)
            and v_from_day < v_first_day
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- the beginning of the last day
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= greatest(
                v_from, (v_day::timestamp at time zone v_zone) - interval '2 hours'
            )
            and m.occurred_at < v_before
            and (m.occurred_at at time zone v_zone)::date >= v_day
            and isfinite(v_day)
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- what had been recorded of later times
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= v_before
            and m.occurred_at < v_end
            and m.occurred_at > m.recorded_at
            and m.recorded_at <= p_known_at
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- less what was recorded since: within a day
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then -m.quantity else m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= greatest(v_known_from, p_known_at - interval '24 hours')
            and m.occurred_at < v_before
            and m.recorded_at > p_known_at
            and not m.recorded_at - m.occurred_at > interval '1 day'
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- ... and late
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then -m.quantity else m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= v_known_from
            and m.occurred_at < v_before
            and m.recorded_at > p_known_at
            and m.recorded_at - m.occurred_at > interval '1 day'
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- ... and what was changed since, for what it was
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then -m.quantity else m.quantity end
        from (
            select distinct h.movement_id
            from stocksync.movement_history as h
            where h.replaced_at > p_known_at and h.operation <> 'late'
        ) as r
        join public.stock_movements as m on m.id = r.movement_id
        where m.recorded_at <= p_known_at
            and m.occurred_at < v_end
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        select f.product_id, f.location_id,
            case f.movement_type when 'in' then f.quantity else -f.quantity end
        from (
            select distinct on (h.movement_id)
                h.product_id, h.location_id, h.movement_type, h.quantity, h.occurred_at,
                h.recorded_at
            from stocksync.movement_history as h
            where h.replaced_at > p_known_at and h.operation <> 'late'
            order by h.movement_id, h.replaced_at, h.id
        ) as f
        where f.recorded_at <= p_known_at
            and f.occurred_at < v_end
            and (p_product_ids is null or f.product_id = any (p_product_ids))
    ) as u
    group by u.product_id, u.location_id
    having sum(u.quantity) <> 0;
end;
$function$;

comment on function stocksync._stock_at(bigint[], timestamptz, timestamptz) is
    'The stock of these products (null: all) at each location, where it is not zero: of the movements that occurred until p_at (null: all), as recorded until p_known_at (null: now), both inclusive. In a transaction that has written movements, call it after "set constraints all immediate". Raises SS006 where it needs movements that are archived.';
