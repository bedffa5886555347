-- Which products are worth a closer look: one pass over the movements, and none over the days. Sums by
-- product and place would be as many groups as there are levels; a sum weighted by place tells as
-- much. The weights are drawn anew for each look, so what they hide once in two thousand million times
-- shows the next time.

create or replace function stocksync._parted(p_product_ids bigint[])
returns setof bigint
language plpgsql
stable
-- one product and all of them are different plans
set plan_cache_mode = force_custom_plan
set jit = off
set work_mem = '64MB'
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seed constant bigint := hashtextextended(clock_timestamp()::text, 0);
begin
    return query
    with movement as (
        select u.product_id, sum(u.quantity) as quantity, sum(u.movements) as movements,
            sum(u.weighted) as weighted
        from (
            select m.product_id,
                sum(case m.movement_type when 'in' then m.quantity else -m.quantity end) as quantity,
                count(*) as movements,
                sum(
                    case when m.location_id is not null then
                        case m.movement_type when 'in' then m.quantity else -m.quantity end
                        * (hashint8extended(m.location_id, v_seed) & 2147483647)
                    end
                ) as weighted
            from public.stock_movements as m
            where p_product_ids is null or m.product_id = any (p_product_ids)
            group by m.product_id
            union all
            select a.product_id, sum(a.quantity), sum(a.movements),
                sum(a.quantity * (hashint8extended(a.location_id, v_seed) & 2147483647))
            from stocksync.archived_daily as a
            where p_product_ids is null or a.product_id = any (p_product_ids)
            group by a.product_id
        ) as u
        group by u.product_id
    ),
    level as (
        select u.product_id, sum(u.quantity) as quantity, sum(u.movements) as movements,
            sum(u.quantity * (hashint8extended(u.location_id, v_seed) & 2147483647)) as weighted
        from (
            select t.product_id, t.location_id, t.quantity, t.movements
            from stocksync.stock_total as t
            where p_product_ids is null or t.product_id = any (p_product_ids)
            union all
            select l.product_id, l.location_id, l.quantity, l.movements
            from stocksync._journal as j
            cross join unnest(j.lines) as l
            where p_product_ids is null or l.product_id = any (p_product_ids)
        ) as u
        group by u.product_id
    ),
    pending as (
        select w.product_id, sum(w.quantity) as quantity
        from stocksync._pending as w
        group by w.product_id
    )
    select coalesce(p.id, m.product_id, l.product_id)
    from (
        select o.id, o.total_stock, o.allow_negative,
            o.quantity_on_hand + coalesce(w.quantity, 0) as quantity_on_hand,
            o.quantity_on_hand = o.total_stock as agree
        from public.products as o
        left join pending as w on w.product_id = o.id
        where p_product_ids is null or o.id = any (p_product_ids)
    ) as p
    full join movement as m on m.product_id = p.id
    full join level as l on l.product_id = coalesce(p.id, m.product_id)
    cross join stocksync.settings as s
    where (p.id is null and m.product_id is not null)
        or not p.agree
        or p.quantity_on_hand <> coalesce(m.quantity, 0)
        or coalesce(l.quantity, 0) <> coalesce(m.quantity, 0)
        or coalesce(l.movements, 0) <> coalesce(m.movements, 0)
        or coalesce(l.weighted, 0) <> coalesce(m.weighted, 0)
        or (p.quantity_on_hand < 0 and not coalesce(p.allow_negative, s.allow_negative));
end;
$function$;

comment on function stocksync._parted(bigint[]) is
    'The products, of these or (null) of all, whose stock, movements and levels by place do not all agree, that are gone and have movements, or that are below zero though that is refused.';
