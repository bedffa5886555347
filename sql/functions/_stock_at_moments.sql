-- The ledger at many moments at once, of a product at a place each, as counts ask for it: from the
-- stock at the first of them, the movements since are read once. Arrays in and out, and no join of
-- them: planners guess their size, and a stock-take of all products would take minutes.

create or replace function stocksync._stock_at_moments(
    p_product_ids bigint[],
    p_location_ids bigint[],
    p_ats timestamptz[]
)
returns numeric[]
language plpgsql
stable
security definer -- the journal is nobody else's
-- compiling takes longer than running; one product and all of them are different plans
set plan_cache_mode = force_custom_plan
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_first_at timestamptz;
    v_product_ids bigint[];
begin
    select min(a.at), array_agg(distinct a.product_id) into v_first_at, v_product_ids
    from unnest(p_product_ids, p_ats) as a (product_id, at);

    if v_product_ids is null then
        return '{}'; -- below, null would be all of them
    end if;

    return (
        with change as (
            select s.product_id, s.location_id, v_first_at as at, s.quantity,
                null::bigint as position
            from stocksync._stock_at(v_product_ids, v_first_at, null) as s
            union all
            select m.product_id, m.location_id, m.occurred_at,
                case m.movement_type when 'in' then m.quantity else -m.quantity end, null
            from (
                select a.product_id, max(a.at) as last_at
                from unnest(p_product_ids, p_ats) as a (product_id, at)
                group by a.product_id
            ) as l
            join public.stock_movements as m
                on m.product_id = l.product_id
                and m.occurred_at > v_first_at
                and m.occurred_at <= l.last_at
            union all
            select a.product_id, a.location_id, a.at, 0, a.position
            from unnest(p_product_ids, p_location_ids, p_ats)
                with ordinality as a (product_id, location_id, at, position)
        ),
        moment as (
            -- what is of the same moment is among it
            select c.position,
                sum(c.quantity) over (
                    partition by c.product_id, c.location_id order by c.at
                ) as quantity
            from change as c
        )
        select array_agg(trim_scale(o.quantity) order by o.position)
        from moment as o
        where o.position is not null
    );
end;
$function$;

comment on function stocksync._stock_at_moments(bigint[], bigint[], timestamptz[]) is
    'The stock of each product at its location (null: the unnamed place) at its moment, inclusive: three arrays side by side, and a fourth. In a transaction that has written movements, call it after they have settled.';
