-- Why stock is not what the movements say. Four things keep it that a fault as a rule hits apart: the
-- product, the days and the levels of the roll-up, and the movements. Who of them agrees with whom
-- tells what happened; the log and the triggers tell the rest.

create or replace function stocksync._ledger_reasons(p_product_ids bigint[])
returns table (product_id bigint, class text, reason jsonb)
language plpgsql
stable
set plan_cache_mode = force_custom_plan
set jit = off
set work_mem = '64MB'
set search_path = pg_catalog, pg_temp
as $function$
begin
    return query
    with source as materialized (
        select s.* from stocksync.stock_sources(p_product_ids) as s
    ),
    -- The ledger less the roll-up, by place, day and type.
    part as materialized (
        select r.* from stocksync._roll_up_differences(p_product_ids) as r
    ),
    -- ... and less the levels, by place.
    place as materialized (
        select u.product_id, u.location_id, sum(u.ledger) as ledger, sum(u.stored) as stored
        from (
            select m.product_id, m.location_id, m.quantity as ledger, 0::numeric as stored,
                m.movements
            from stocksync._turnovers as m
            where m.product_id = any (p_product_ids)
            union all
            select t.product_id, t.location_id, 0, t.quantity, -t.movements
            from stocksync.stock_total as t
            where t.product_id = any (p_product_ids)
            union all
            select l.product_id, l.location_id, 0, l.quantity, -l.movements
            from stocksync._journal as j
            cross join unnest(j.lines) as l
            where l.product_id = any (p_product_ids)
        ) as u
        group by u.product_id, u.location_id
        having sum(u.ledger) <> sum(u.stored) or sum(u.movements) <> 0
    ),
    parted as (
        select p.product_id, sum(p.quantity) as quantity, sum(p.movements) as movements,
            min(p.day) as day
        from part as p
        group by p.product_id
    ),
    -- The roll-up itself does not agree on the first and the last day, or on what came in.
    torn as (
        select coalesce(t.product_id, y.product_id) as product_id
        from (
            select * from stocksync.stock_total as a where a.product_id = any (p_product_ids)
        ) as t
        full join stocksync._daily_totals(p_product_ids) as y
            on y.product_id = t.product_id
            -- "is not distinct from", in what a full join can hash
            and coalesce(y.location_id, 0) = coalesce(t.location_id, 0)
            and (y.location_id is null) = (t.location_id is null)
        where (t.quantity_in, t.first_on, t.last_on, t.last_count_on)
            is distinct from (y.quantity_in, y.first_on, y.last_on, y.last_count_on)
    ),
    -- What one product lacks, another has too much: a movement was given to it.
    given as (
        select p.product_id
        from part as p
        where abs(p.movements) = 1
            and exists (
                select from part as o
                where o.day = p.day
                    and o.transaction_type = p.transaction_type
                    and o.quantity = -p.quantity
                    and o.movements = -p.movements
                    -- "is not distinct from", in what a semi-join can hash
                    and coalesce(o.location_id, 0) = coalesce(p.location_id, 0)
                    and o.product_id <> p.product_id
            )
    ),
    -- The latest of what is there too often came in last, as far as numbers tell; of what was changed
    -- nothing tells which it was, unless it is alone.
    newcomer as (
        select f.product_id, min(f.first_id) as movement_id
        from (
            select p.product_id,
                case when p.movements > 0 or count(*) = 1 then min(n.id) end as first_id
            from part as p
            cross join stocksync.settings as s
            cross join lateral (
                select m.id
                from public.stock_movements as m
                where m.product_id = p.product_id
                    and m.location_id is not distinct from p.location_id
                    and m.transaction_type = p.transaction_type
                    and m.occurred_at
                        >= (p.day::timestamp at time zone s.time_zone) - interval '2 hours'
                    and m.occurred_at
                        < ((p.day + 1)::timestamp at time zone s.time_zone) + interval '2 hours'
                    and (m.occurred_at at time zone s.time_zone)::date = p.day
                order by m.id desc
                limit case when p.movements > 0 then p.movements else 2 end
            ) as n
            where p.movements >= 0
            group by p.product_id, p.location_id, p.day, p.transaction_type, p.movements
        ) as f
        group by f.product_id
    ),
    -- What was changed by hand since the stock was last corrected.
    manual as (
        select g.product_id, count(*) as times, min(g.logged_at) as since,
            (array_agg(g.actor order by g.id desc))[1] as by,
            sum((g.context ->> 'new_stock')::numeric - (g.context ->> 'old_stock')::numeric)
                as quantity,
            sum((g.context ->> 'new_total')::numeric - (g.context ->> 'old_total')::numeric)
                as total
        from stocksync.log as g
        where g.product_id = any (p_product_ids)
            and g.message = 'manual update of stock'
            and g.logged_at > coalesce(
                (
                    select max(i.found_at)
                    from stocksync.incidents as i
                    where i.product_id = g.product_id
                        and i.class in ('quantity_on_hand', 'total_stock')
                ),
                '-infinity'
            )
        group by g.product_id
    ),
    -- Who took a correction back wanted what was there before.
    undone as (
        select distinct on (i.product_id) i.product_id, u.id as run_id, u.command, i.found_at
        from stocksync.incidents as i
        join stocksync.runs as u on u.id = i.run_id
        where i.product_id = any (p_product_ids)
            and i.class in ('quantity_on_hand', 'total_stock')
        order by i.product_id, i.id desc
    ),
    off as materialized (
        select t.cause, t.name from stocksync._triggers_off() as t
    ),
    verdict as (
        select s.*, d.quantity as missed, d.movements as missed_movements, d.day,
            n.movement_id, h.times, h.by, h.since, h.quantity as by_hand, h.total as total_by_hand,
            case
                when d.product_id is null and l.product_id is null and a.product_id is null
                    then null
                when s.ledger <> 0 and s.by_location = 2 * s.ledger
                    and s.quantity_on_hand = 2 * s.ledger and d.movements = -s.movements
                    then 'counted_twice'
                -- one part of the roll-up is right: a movement would be missing in both
                when d.product_id is null
                    or l.product_id is null and (d.quantity <> 0 or d.movements <> 0)
                    or l.product_id is null and d.product_id in (select x.product_id from torn as x)
                    then 'roll_up_changed'
                when s.quantity_on_hand = s.ledger and (d.quantity <> 0 or d.movements <> 0)
                    then 'roll_up_changed'
                -- the one that would have counted them
                when exists (
                    select from off as o
                    where o.name ~ case sign(d.movements)
                        when 1 then 'capture_insert on| on _unsettled$' when -1 then 'capture_delete on'
                        else 'capture_update on'
                    end
                ) then (
                    select min(o.cause) from off as o where o.name ~ ' on (stock_movements|_unsettled)$'
                )
                when d.product_id in (select g.product_id from given as g) then 'movements_changed'
                when d.movements > 0 then 'load_bypassed_triggers'
                when d.movements < 0 then case
                    when exists (select from public.stock_movements) then 'movements_deleted'
                    else 'movements_truncated'
                end
                else 'movements_changed'
            end as ledger_cause
        from source as s
        left join parted as d on d.product_id = s.product_id
        left join newcomer as n on n.product_id = s.product_id
        left join manual as h on h.product_id = s.product_id
        left join (select distinct k.product_id from place as k) as l
            on l.product_id = s.product_id
        left join torn as a on a.product_id = s.product_id
    ),
    said as (
        select v.*,
            case v.ledger_cause
                when 'counted_twice' then
                    'Everything is counted twice: data was restored on top of what was there.'
                when 'roll_up_changed' then
                    'The roll-up was changed by hand: the movements and the stock know nothing of it.'
                when 'load_bypassed_triggers' then format(
                    'Movements came in while the triggers were off: %s of them, the first is number %s.',
                    v.missed_movements, v.movement_id
                )
                when 'movements_deleted' then format(
                    'Movements were deleted behind the triggers: %s of them, the first of %s.',
                    -v.missed_movements, v.day
                )
                when 'movements_truncated' then
                    'The movements were truncated behind the triggers: none is left.'
                when 'movements_changed' then format(
                    'Movements of %s were changed behind the triggers.', v.day
                )
                else format(
                    'A trigger is %s: %s. What it should have counted is of %s%s.',
                    case v.ledger_cause when 'trigger_missing' then 'missing' else 'disabled' end,
                    (select string_agg(o.name, ', ') from off as o), v.day,
                    ', the first is number ' || v.movement_id
                )
            end as ledger_text,
            case
                when v.times is not null and (v.by_hand <> 0 or v.total_by_hand <> 0)
                    then 'manual_update'
                when x.command = 'undo' then 'correction_undone'
                else coalesce(
                    (select o.cause from off as o where o.name ~ ' on (products|_journal|_unsettled)$' limit 1),
                    'changed_behind_triggers'
                )
            end as stock_cause,
            x.run_id as undo_run_id, x.found_at as undone_at
        from verdict as v
        left join undone as x on x.product_id = v.product_id
    ),
    told as (
        select c.*, c.day::timestamp at time zone s.time_zone as day_at,
            case c.stock_cause
                when 'manual_update' then format(
                    'Somebody changed it by hand: "%s", at %s%s.', c.by,
                    to_char(c.since at time zone s.time_zone, 'YYYY-MM-DD HH24:MI:SS'),
                    case when c.times > 1 then format(' and %s more since', case c.times when 2 then 'once' else c.times - 1 || ' times' end) else '' end
                )
                when 'correction_undone' then format(
                    'A correction was taken back by run %s.', c.undo_run_id
                )
                when 'changed_behind_triggers' then
                    'It was changed while the triggers were off, so that nothing tells by whom.'
                else format(
                    'A trigger is %s: %s.',
                    case c.stock_cause when 'trigger_missing' then 'missing' else 'disabled' end,
                    (select string_agg(o.name, ', ') from off as o)
                )
            end as stock_text
        from said as c
        cross join stocksync.settings as s
    ),
    why (product_id, class, cause, text, location, movement_id, since, by, stored, derived) as (
        -- on hand - ledger is (on hand - levels) + (levels - ledger): each has its own reason
        select t.product_id, 'on_hand_vs_ledger', t.ledger_cause, t.ledger_text, null,
            t.movement_id, t.day_at, null, t.quantity_on_hand, t.ledger
        from told as t
        where t.quantity_on_hand <> t.ledger
            and t.by_location <> t.ledger
            and t.ledger_cause <> 'roll_up_changed'
        union all
        select t.product_id, 'on_hand_vs_ledger', t.stock_cause, t.stock_text, null, null,
            case t.stock_cause
                when 'manual_update' then t.since
                when 'correction_undone' then t.undone_at
            end,
            case t.stock_cause when 'manual_update' then t.by end,
            t.quantity_on_hand, t.ledger
        from told as t
        where t.quantity_on_hand <> t.ledger
            and (
                t.by_location = t.ledger
                or t.ledger_cause = 'roll_up_changed'
                or t.quantity_on_hand <> t.by_location
            )
        union all
        select t.product_id, 'stock_vs_total_stock', t.stock_cause, t.stock_text, null, null,
            case t.stock_cause
                when 'manual_update' then t.since
                when 'correction_undone' then t.undone_at
            end,
            case t.stock_cause when 'manual_update' then t.by end,
            t.total_stock, t.quantity_on_hand
        from told as t
        where t.total_stock <> t.quantity_on_hand
        union all
        select t.product_id, 'location_vs_ledger', t.ledger_cause, t.ledger_text,
            l.name, t.movement_id, t.day_at, null, k.stored, k.ledger
        from told as t
        join place as k on k.product_id = t.product_id and k.stored <> k.ledger
        left join public.locations as l on l.id = k.location_id
        where t.ledger_cause is not null
        union all
        select t.product_id, 'roll_up_vs_ledger', t.ledger_cause, t.ledger_text, null,
            t.movement_id, t.day_at, null, t.rolled_up, t.ledger
        from told as t
        where t.ledger_cause is not null
            and (
                t.missed is not null
                -- levels of the right quantity, and of a wrong number of movements
                or not exists (
                    select from place as k
                    where k.product_id = t.product_id and k.stored <> k.ledger
                )
            )
        union all
        select t.product_id, 'orphan_movement', 'product_row_missing', format(
                'The product is gone, and %s there, the first is number %s.',
                case t.movements when 1 then '1 movement is' else t.movements || ' movements are' end,
                (
                    select min(m.id) from public.stock_movements as m
                    where m.product_id = t.product_id
                )
            ),
            null,
            (
                select min(m.id) from public.stock_movements as m
                where m.product_id = t.product_id
            ),
            null, null, null, t.ledger
        from told as t
        where t.sku is null and t.movements > 0
    )
    select w.product_id, w.class, jsonb_strip_nulls(jsonb_build_object(
        'class', w.class, 'cause', w.cause, 'text', w.text, 'location', w.location,
        'movement_id', w.movement_id, 'since', w.since, 'by', w.by,
        'stored', trim_scale(w.stored), 'derived', trim_scale(w.derived)
    ))
    from why as w;
end;
$function$;

comment on function stocksync._ledger_reasons(bigint[]) is
    'For each of these products and each class in which its stock, its levels or the roll-up part from the movements, why: the objects of stocksync.findings.reasons.';
