-- Cost by the moving weighted average: what comes in changes the average of what is there, what goes
-- out costs so much at its time, and what comes back comes at the average of that moment (or, where
-- nothing is left, at the last there was). Each cost depends on the one before: one pass in the order
-- of time.
--
-- Kept are units and their value, never the average itself: what goes out takes its share of the
-- value, rounded half up to millionths, and the last units take all that is left.

create or replace function stocksync._value_by_average(p_at timestamptz, p_product_ids bigint[])
returns table (
    product_id bigint,
    kind text,
    quantity numeric,
    cost numeric,
    without_cost numeric
)
language plpgsql
stable
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    c_kinds constant text[] := array['in', 'sale', 'other', 'transfer'];
    v_quantity numeric[];
    v_cost numeric[];
    v_without numeric[];
    -- what is there: units, their value, and how many of them have no cost
    v_units numeric;
    v_value numeric;
    v_costless numeric;
    -- the same when there was something last
    v_last_units numeric;
    v_last_value numeric;
    v_last_costless numeric;
    -- gone out and not yet come in, by the date
    v_short numeric[];
    v_back numeric;
    v_share numeric;
    v_share_costless numeric;
    v_kind integer;
    r record;
begin
    for r in
        with event as materialized (
            select v.* from stocksync._value_events(p_at, p_product_ids) as v
        )
        select e.*,
            e.product_id is distinct from lag(e.product_id) over line as is_first,
            e.product_id is distinct from lead(e.product_id) over line as is_last
        from (
            select v.product_id, array_position(c_kinds, v.kind) as kind, v.quantity, v.cost_price,
                row_number() over (
                    order by v.product_id, v.kind = 'transfer', v.occurred_at,
                        case when v.kind = 'in' then 1 when v.quantity > 0 then 2 else 3 end,
                        v.movement_id nulls first, v.batch_id,
                        -- each step rounds, and a return may be of several sales
                        v.quantity
                ) as position
            from (
                select o.* from event as o where o.kind <> 'transfer'
                union all
                -- at once, as each step rounds: what is on its way comes last
                select t.product_id, t.kind, sum(t.quantity), null, max(t.occurred_at), null, null
                from event as t
                where t.kind = 'transfer'
                group by t.product_id, t.kind
                having sum(t.quantity) <> 0
            ) as v
        ) as e
        window line as (order by e.position)
        order by e.position
    loop
        if r.is_first then
            v_quantity := '{0,0,0,0}';
            v_cost := '{0,0,0,0}';
            v_without := '{0,0,0,0}';
            v_short := '{0,0,0,0}';
            v_units := 0;
            v_value := 0;
            v_costless := 0;
            v_last_units := 0;
        end if;
        v_kind := r.kind;
        v_quantity[v_kind] := v_quantity[v_kind] + r.quantity;

        if v_kind = 1 then
            v_units := v_units + r.quantity;
            if r.cost_price is null then
                v_costless := v_costless + r.quantity;
                v_without[1] := v_without[1] + r.quantity;
            else
                v_value := v_value + r.quantity * r.cost_price;
                v_cost[1] := v_cost[1] + r.quantity * r.cost_price;
            end if;
        elsif r.quantity > 0 then
            v_short[v_kind] := v_short[v_kind] + r.quantity;
        else
            v_back := least(-r.quantity, v_short[v_kind]);
            v_short[v_kind] := v_short[v_kind] - v_back;
            v_back := -r.quantity - v_back;

            if v_back > 0 then
                if v_units > 0 then
                    v_last_units := v_units;
                    v_last_value := v_value;
                    v_last_costless := v_costless;
                end if;
                if v_last_units > 0 then
                    v_share := div(2000000 * v_last_value * v_back + v_last_units, 2 * v_last_units)
                        * 0.000001;
                    v_share_costless :=
                        div(2000000 * v_last_costless * v_back + v_last_units, 2 * v_last_units)
                        * 0.000001;
                else
                    v_share := 0;
                    v_share_costless := v_back;
                end if;
                v_units := v_units + v_back;
                v_value := v_value + v_share;
                v_costless := v_costless + v_share_costless;
                v_cost[v_kind] := v_cost[v_kind] - v_share;
                v_without[v_kind] := v_without[v_kind] - v_share_costless;
            end if;
        end if;

        -- What is to go out, as far as it is there.
        for v_kind in 2 .. 4 loop
            continue when v_short[v_kind] = 0 or v_units = 0;

            v_last_units := v_units;
            v_last_value := v_value;
            v_last_costless := v_costless;
            if v_short[v_kind] >= v_units then
                v_short[v_kind] := v_short[v_kind] - v_units;
                v_share := v_value;
                v_share_costless := v_costless;
                v_units := 0;
            else
                -- a cost may have more decimals than are rounded to
                v_share := least(
                    v_value,
                    div(2000000 * v_value * v_short[v_kind] + v_units, 2 * v_units) * 0.000001
                );
                v_share_costless :=
                    div(2000000 * v_costless * v_short[v_kind] + v_units, 2 * v_units) * 0.000001;
                v_units := v_units - v_short[v_kind];
                v_short[v_kind] := 0;
            end if;
            v_value := v_value - v_share;
            v_costless := v_costless - v_share_costless;
            v_cost[v_kind] := v_cost[v_kind] + v_share;
            v_without[v_kind] := v_without[v_kind] + v_share_costless;
        end loop;

        if r.is_last then
            product_id := r.product_id;
            for v_kind in 1 .. 4 loop
                kind := c_kinds[v_kind];
                quantity := v_quantity[v_kind];
                cost := v_cost[v_kind];
                without_cost := v_without[v_kind] + v_short[v_kind];
                return next;
            end loop;
        end if;
    end loop;
end;
$function$;

comment on function stocksync._value_by_average(timestamptz, bigint[]) is
    'What came in, was sold, is on its way and went out otherwise until a time, at the average cost of its moment; without_cost: units of unknown cost, which go out in the share that they are of what is there.';
