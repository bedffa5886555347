-- Is what the API showed the stock at any moment between its reading less the time of grace and its
-- reading plus that? Most of it is the stock of the moment in which it came in, and costs no more than
-- that look. Of the rest the movements around are taken back from that stock, and from the present
-- one: what was under way then is in one of the two as it should be.

create or replace function stocksync._compare_api(p_reading_id bigint, p_product_ids bigint[])
returns table (
    pass bigint,
    api_id text,
    product_id bigint,
    times bigint,
    quantity numeric,
    reserved numeric,
    status text,
    problem text,
    stock numeric,
    staged_at timestamptz,
    is_right boolean,
    starts numeric[],
    changes numeric[]
)
language plpgsql
stable
-- so that the planner sees how few of all movements were recorded since
set plan_cache_mode = force_custom_plan
set jit = off
-- nothing tells the planner how much of a reading is doubtful: it may be all of it
set enable_nestloop = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_from constant timestamptz := (
        select coalesce(r.shown_at, r.started_at) - r.grace
        from stocksync.api_readings as r
        where r.id = p_reading_id
    );
begin
    return query
    with item as (
        select i.*, i.read_from - r.grace as grace_from, i.read_at + r.grace as grace_until,
            -- of a file it is not the stock of its moment
            coalesce(
                i.times = 1 and i.problem is null and r.shown_at is null
                    and i.quantity + coalesce(i.reserved, 0) = i.stock,
                false
            ) as is_right
        from stocksync.api_readings as r
        join stocksync.api_items as i on i.reading_id = r.id
        where r.id = p_reading_id
            and (p_product_ids is null or i.product_id = any (p_product_ids))
    ),
    doubtful as materialized (
        select * from item as i where not i.is_right
    ),
    moved as (
        select d.pass, d.api_id,
            sum(s.quantity) filter (where m.recorded_at <= d.staged_at) as until_staged,
            sum(s.quantity) as until_now,
            array_agg(s.quantity order by m.recorded_at)
                filter (where m.recorded_at <= d.grace_until) as changes
        from doubtful as d
        join public.stock_movements as m
            on m.product_id = d.product_id
            and m.recorded_at > d.grace_from
            and m.recorded_at > v_from
        cross join lateral (
            select case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity
        ) as s
        where d.problem is null
        group by d.pass, d.api_id
    )
    select i.pass, i.api_id, i.product_id, i.times, i.quantity, i.reserved, i.status, i.problem,
        i.stock, i.staged_at, true, array[i.stock], '{}'::numeric[]
    from item as i
    where i.is_right
    union all
    select d.pass, d.api_id, d.product_id, d.times, d.quantity, d.reserved, d.status, d.problem,
        d.stock, d.staged_at,
        case
            when d.problem is not null or d.product_id is null or d.times > 1 then false
            -- what is not in stock need not be shown
            when d.times = 0 then w.lowest + (
                select coalesce(sum(c), 0) from unnest(w.changes) as c where c < 0
            ) <= 0
            else d.quantity + coalesce(d.reserved, 0) = any (w.starts)
                or w.changes <> '{}'
                and stocksync._is_reachable(
                    d.quantity + coalesce(d.reserved, 0), w.starts, w.changes
                )
        end,
        w.starts, w.changes
    from doubtful as d
    left join moved as m on m.pass = d.pass and m.api_id = d.api_id
    left join public.stock_on_hand as o on o.product_id = d.product_id
    cross join lateral (
        select d.stock - coalesce(m.until_staged, 0) as seen_then,
            o.quantity_on_hand - coalesce(m.until_now, 0) as seen_now
    ) as t
    cross join lateral (
        select array[t.seen_then, t.seen_now] as starts, least(t.seen_then, t.seen_now) as lowest,
            coalesce(m.changes, '{}') as changes
    ) as w;
end;
$function$;

comment on function stocksync._compare_api(bigint, bigint[]) is
    'Everything that a reading holds of these products (null: everything), and whether it is right: shown once, with a stock that the product had, less what is reserved; or not shown, and not in stock. starts is the stock when the time of grace began, from what was on hand when the answer came in and from what is now, changes are the movements within it, each of which the API may have seen or not.';
