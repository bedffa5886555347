-- Cost first in, first out, whatever batch was taken: what came in, in the order of time, is a line of
-- units; what has gone out by a time are the first so many of them, what is there the last. What comes
-- back goes back to where on this line the last ones were taken.
--
-- The cost of a point on the line is that of all units before it. Sorted together with the points
-- where one receipt ends and the next begins, each point finds its receipt without a join.

create or replace function stocksync._value_by_fifo(p_at timestamptz, p_product_ids bigint[])
returns table (
    product_id bigint,
    kind text,
    quantity numeric,
    cost numeric,
    without_cost numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with event as materialized (
        select e.* from stocksync._value_events(p_at, p_product_ids) as e
    ),
    layer as materialized (
        select e.product_id, e.quantity, e.cost_price,
            sum(e.quantity) over line as upto,
            sum(e.quantity * coalesce(e.cost_price, 0)) over line as cost,
            sum(case when e.cost_price is null then e.quantity else 0 end) over line as without_cost
        from event as e
        where e.kind = 'in'
        window line as (
            partition by e.product_id order by e.occurred_at, e.movement_id nulls first, e.batch_id
        )
    ),
    gone as (
        select e.product_id, e.kind, e.quantity, e.position,
            sum(e.quantity) over (partition by e.product_id order by e.position) as upto
        from (
            select g.product_id, g.kind, g.quantity,
                row_number() over (
                    partition by g.product_id
                    -- what is on its way comes before what is there and after all that is gone
                    order by g.kind = 'transfer', g.occurred_at, g.quantity desc, g.movement_id,
                        g.batch_id
                ) as position
            from event as g
            where g.kind <> 'in'
        ) as e
    ),
    merged as (
        select l.product_id, null::text as kind, null::numeric as quantity,
            null::bigint as position, l.upto, l.quantity as units, l.cost_price, l.cost,
            l.without_cost,
            l.upto as ends_at
        from layer as l
        union all
        select g.product_id, g.kind, g.quantity, g.position, g.upto, null, null, null, null, null
        from gone as g
    ),
    numbered as (
        select m.*,
            count(m.units) over (
                partition by m.product_id
                order by m.upto desc, m.units nulls last
            ) as number
        from merged as m
    ),
    found as (
        select n.product_id, n.kind, n.quantity, n.position, n.upto, n.number,
            max(n.ends_at) over within as ends_at,
            max(n.cost_price) over within as cost_price,
            max(n.cost) over within as cost,
            max(n.without_cost) over within as without_cost
        from numbered as n
        window within as (partition by n.product_id, n.number)
    ),
    point as (
        select f.product_id, f.kind, f.quantity, f.position,
            case
                when f.number = 0 then coalesce(t.cost, 0)
                else f.cost - (f.ends_at - f.upto) * coalesce(f.cost_price, 0)
            end as cost,
            case
                -- gone out before it came in, by the date
                when f.number = 0 then coalesce(t.without_cost - t.upto, 0) + f.upto
                when f.cost_price is null then f.without_cost - (f.ends_at - f.upto)
                else f.without_cost
            end as without_cost
        from found as f
        left join (
            select distinct on (l.product_id) l.product_id, l.upto, l.cost, l.without_cost
            from layer as l
            order by l.product_id, l.upto desc
        ) as t on t.product_id = f.product_id and f.number = 0
        where f.position is not null
    ),
    costed as (
        select p.product_id, p.kind, p.quantity,
            p.cost - lag(p.cost, 1, 0::numeric) over line as cost,
            p.without_cost - lag(p.without_cost, 1, 0::numeric) over line as without_cost
        from point as p
        window line as (partition by p.product_id order by p.position)
        union all
        select l.product_id, 'in', l.quantity, l.quantity * coalesce(l.cost_price, 0),
            case when l.cost_price is null then l.quantity else 0 end
        from layer as l
    )
    select c.product_id, c.kind, sum(c.quantity), sum(c.cost), sum(c.without_cost)
    from costed as c
    group by c.product_id, c.kind;
$function$;

comment on function stocksync._value_by_fifo(timestamptz, bigint[]) is
    'What came in, was sold, is on its way and went out otherwise until a time, at the cost of what came in first; without_cost: units of unknown cost.';
