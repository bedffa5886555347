-- Where the stock was below zero at any time since the books were last closed, by when movements
-- occurred: what a movement dated back leaves behind where that is allowed. Days tell which can have
-- been: single movements are read of those only.

create or replace function stocksync.negative_in_past(p_product_ids bigint[] default null)
returns table (
    product_id bigint,
    sku text,
    name text,
    first_at timestamptz,
    lowest numeric,
    lowest_at timestamptz,
    quantity_now numeric
)
language plpgsql
stable
set plan_cache_mode = force_custom_plan
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    v_from timestamptz;
    v_first_day date;
begin
    select c.closed_before into v_from
    from stocksync.closings as c
    where c.closed_at is not null and c.reopened_at is null
    order by c.closed_before desc
    limit 1;

    v_from := coalesce(v_from, '-infinity');
    v_first_day := (v_from at time zone v_zone)::date;

    return query
    with base as (
        select b.product_id, sum(b.quantity) as quantity
        from stocksync._stock_at(
            p_product_ids,
            case when isfinite(v_from) then v_from - interval '1 microsecond' else v_from end,
            null
        ) as b
        group by b.product_id
    ),
    day as (
        -- the day that the zone may have cut short counts whole: this only says where to look
        select t.product_id, t.day, sum(t.quantity) as net,
            coalesce(sum(t.quantity) filter (where t.quantity < 0), 0) as gone
        from (
            select d.product_id, d.day, d.quantity
            from stocksync.stock_daily as d
            where d.day > v_first_day
                and (p_product_ids is null or d.product_id = any (p_product_ids))
            union all
            select l.product_id, l.day, l.quantity
            from stocksync._journal as j
            cross join unnest(j.lines) as l
            where l.day > v_first_day
                and (p_product_ids is null or l.product_id = any (p_product_ids))
            union all
            select m.product_id, (m.occurred_at at time zone v_zone)::date,
                case m.movement_type when 'in' then m.quantity else -m.quantity end
            from public.stock_movements as m
            where m.occurred_at >= v_from
                and m.occurred_at < (v_first_day + 2)::timestamp at time zone v_zone
                and (m.occurred_at at time zone v_zone)::date <= v_first_day
                and (p_product_ids is null or m.product_id = any (p_product_ids))
        ) as t
        group by t.product_id, t.day
    ),
    start as (
        select y.product_id, y.day, y.net, y.gone,
            coalesce(b.quantity, 0) + coalesce(sum(y.net) over (
                partition by y.product_id order by y.day
                rows between unbounded preceding and 1 preceding
            ), 0) as quantity
        from day as y
        left join base as b on b.product_id = y.product_id
    ),
    suspect as (
        select s.product_id, s.day, s.quantity
        from start as s
        where s.quantity + s.gone < 0
            -- what was taken back hides within the sum of its type
            or exists (
                select from public.stock_movements as r
                where r.reverses_id is not null
                    and r.product_id = s.product_id
                    and (r.occurred_at at time zone v_zone)::date = s.day
            )
    ),
    moment as (
        select m.product_id, m.occurred_at as at,
            s.quantity + sum(sum(
                case m.movement_type when 'in' then m.quantity else -m.quantity end
            )) over (partition by m.product_id, s.day order by m.occurred_at) as quantity
        from suspect as s
        join public.stock_movements as m
            on m.product_id = s.product_id
            and m.occurred_at >= greatest(
                v_from, (s.day::timestamp at time zone v_zone) - interval '2 hours'
            )
            and m.occurred_at < ((s.day + 1)::timestamp at time zone v_zone) + interval '2 hours'
            and (m.occurred_at at time zone v_zone)::date = s.day
        group by m.product_id, s.day, s.quantity, m.occurred_at
        union all
        -- at the end of what is closed
        select b.product_id, v_from, b.quantity
        from base as b
    ),
    low as (
        select distinct on (o.product_id) o.product_id, o.at, o.quantity,
            min(o.at) over (partition by o.product_id) as first_at
        from moment as o
        where o.quantity < 0
        order by o.product_id, o.quantity, o.at
    )
    select p.id, p.sku, p.name, w.first_at, trim_scale(w.quantity), w.at, h.quantity_on_hand
    from low as w
    join public.products as p on p.id = w.product_id
    join public.stock_on_hand as h on h.product_id = p.id
    order by w.quantity, p.id;
end;
$function$;

comment on function stocksync.negative_in_past(bigint[]) is
    'Products, of these or (null) of all, whose stock over all locations was below zero at any time since the last closing, by when movements occurred: when first, how low and when, and what it is now. The lowest first.';
