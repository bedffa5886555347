-- Why the batches are not what the movements made of them.

create or replace function stocksync._batch_reasons(p_product_ids bigint[])
returns table (product_id bigint, class text, reason jsonb)
language plpgsql
stable
set plan_cache_mode = force_custom_plan
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
begin
    return query
    with wrong as materialized (
        select d.product_id, d.location, d.batch_number, d.movement_id, d.differs, d.stored, d.derived
        from stocksync.batch_discrepancies(p_product_ids) as d
        where d.differs <> 'stock'
        union all
        -- by the movements: the levels by place may be wrong themselves
        select u.product_id, l.name, null, null, 'stock', trim_scale(sum(u.remaining)),
            trim_scale(sum(u.ledger))
        from (
            select m.product_id, m.location_id, m.quantity as ledger, 0::numeric as remaining
            from stocksync._turnovers as m
            where m.product_id = any (p_product_ids)
            union all
            select b.product_id, b.location_id, 0, b.quantity_remaining
            from public.stock_batches as b
            where b.product_id = any (p_product_ids) and b.status <> 'retired'
        ) as u
        left join public.products as p on p.id = u.product_id
        left join public.locations as l on l.id = u.location_id
        where coalesce(p.tracks_batches, exists (
            select from public.stock_batches as o
            where o.product_id = u.product_id and o.status <> 'retired'
        ))
        group by u.product_id, u.location_id, l.name
        having sum(u.ledger) <> sum(u.remaining)
    ),
    lost as (
        select l.product_id, min(l.movement_id) as movement_id, count(*) as movements
        from stocksync._lost_movements(
            array(select w.product_id from wrong as w where w.differs = 'stock')
        ) as l
        group by l.product_id
    ),
    -- What the ledger has and no batch knows, since the product tracks batches.
    stray as (
        select m.product_id, min(m.id) as movement_id, count(*) as movements
        from stocksync._unbatched(
            array(select w.product_id from wrong as w where w.differs = 'stock')
        ) as m
        group by m.product_id
    ),
    -- Restored on top of what was there: each movement is in its batches twice.
    doubled as (
        select w.product_id
        from wrong as w
        where w.differs = 'movement'
        group by w.product_id
        having bool_and(w.stored = 2 * w.derived)
            and count(*) = (
                select count(*) from public.stock_movements as m where m.product_id = w.product_id
            )
    ),
    -- Movements of which a part is in a batch that is gone or retired, or of which batches say
    -- something else than what went through them: what was changed are the batches.
    cut as (
        select distinct w.product_id, w.movement_id
        from wrong as w
        cross join lateral (
            select r.batch_id from public.batch_receipts as r where r.movement_id = w.movement_id
            union all
            select c.batch_id
            from public.batch_consumptions as c
            where c.movement_id = w.movement_id
        ) as u
        left join public.stock_batches as b on b.id = u.batch_id
        where w.differs = 'movement'
            and (
                coalesce(b.status = 'retired', true)
                or w.product_id in (
                    select o.product_id
                    from wrong as o
                    where o.differs in ('quantity_received', 'quantity_remaining')
                )
            )
    ),
    -- No batch is left, of stock that the roll-up knows of.
    emptied as (
        select s.product_id
        from stocksync.stock_sources(
            array(select w.product_id from wrong as w where w.differs = 'stock')
        ) as s
        where s.by_location = s.ledger
            and not exists (
                select from public.stock_batches as b
                where b.product_id = s.product_id and b.status <> 'retired'
            )
    ),
    verdict as (
        select w.*, l.movements as lost, t.movements as stray,
            coalesce(w.movement_id, l.movement_id, t.movement_id) as first_id,
            case
                when w.differs in ('quantity_received', 'quantity_remaining') then 'batches_changed'
                when w.product_id in (select d.product_id from doubled as d) then 'counted_twice'
                when w.movement_id in (select c.movement_id from cut as c) then 'batches_changed'
                when w.differs = 'movement' then 'movements_changed'
                when not exists (select from public.stock_movements) then 'movements_truncated'
                when l.product_id is not null then 'movements_deleted'
                when w.product_id in (select e.product_id from emptied as e) then 'batches_changed'
                when w.product_id in (select c.product_id from cut as c) then 'batches_changed'
                when t.product_id is not null then 'load_bypassed_triggers'
                when w.product_id in (select o.product_id from wrong as o where o.differs = 'movement')
                    then 'movements_changed'
                else 'batches_changed'
            end as cause
        from wrong as w
        left join lost as l on l.product_id = w.product_id and w.differs = 'stock'
        left join stray as t on t.product_id = w.product_id and w.differs = 'stock'
    ),
    why as (
        select v.*,
            case
                when v.cause = 'counted_twice' then
                    'Everything is in the batches twice: data was restored on top of what was there.'
                when v.batch_number is not null then format(
                    'Batch "%s" was changed behind the triggers: %s is %s, what went through it says %s.',
                    v.batch_number, replace(v.differs, '_', ' '), v.stored, v.derived
                )
                when v.differs = 'movement' then format(
                    '%s was changed behind the triggers: its batches say %s, it says %s.',
                    case v.cause
                        when 'batches_changed' then 'What is known of the batches of movement '
                        else 'Movement '
                    end || v.movement_id,
                    v.stored, v.derived
                )
                when v.cause = 'movements_truncated' then
                    'The movements were truncated behind the triggers: the batches are left.'
                when v.cause = 'movements_deleted' then format(
                    'Movements were deleted behind the triggers: batches remember %s of them, the first is number %s.',
                    v.lost, v.first_id
                )
                when v.cause = 'load_bypassed_triggers' then format(
                    'Movements came in while the triggers were off, and are in no batch: %s of them, the first is number %s.',
                    v.stray, v.first_id
                )
                else format('What remains of the batches is %s, the stock is %s.', v.stored, v.derived)
            end as text
        from verdict as v
    )
    select y.product_id,
        case y.differs when 'stock' then 'on_hand_vs_batches' else 'batch_vs_movements' end,
        jsonb_strip_nulls(jsonb_build_object(
            'class', case y.differs when 'stock' then 'on_hand_vs_batches' else 'batch_vs_movements' end,
            'cause', y.cause, 'text', y.text, 'location', y.location, 'batch', y.batch_number,
            'movement_id', y.first_id, 'stored', y.stored, 'derived', y.derived
        ))
    from why as y;
end;
$function$;

comment on function stocksync._batch_reasons(bigint[]) is
    'What stocksync.batch_discrepancies() finds of these products, as the objects of stocksync.findings.reasons.';
