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
    why as (
        select w.*,
            case
                when w.differs in ('quantity_received', 'quantity_remaining') then 'batches_changed'
                when w.differs = 'movement' then 'movements_changed'
                when l.product_id is not null then 'movements_deleted'
                when t.product_id is not null then 'load_bypassed_triggers'
                when w.product_id in (select o.product_id from wrong as o where o.differs = 'movement')
                    then 'movements_changed'
                else 'batches_changed'
            end as cause,
            case
                when w.differs in ('quantity_received', 'quantity_remaining') then format(
                    'Batch "%s" was changed behind the triggers: %s is %s, what went through it says %s.',
                    w.batch_number, replace(w.differs, '_', ' '), w.stored, w.derived
                )
                when w.differs = 'movement' then format(
                    'Movement %s was changed behind the triggers: its batches say %s, it says %s.',
                    w.movement_id, w.stored, w.derived
                )
                when l.product_id is not null then format(
                    'Movements were deleted behind the triggers: batches remember %s of them, the first is number %s.',
                    l.movements, l.movement_id
                )
                when t.product_id is not null then format(
                    'Movements came in while the triggers were off, and are in no batch: %s of them, the first is number %s.',
                    t.movements, t.movement_id
                )
                else format('What remains of the batches is %s, the stock is %s.', w.stored, w.derived)
            end as text,
            coalesce(w.movement_id, l.movement_id, t.movement_id) as first_id
        from wrong as w
        left join lost as l on l.product_id = w.product_id and w.differs = 'stock'
        left join stray as t on t.product_id = w.product_id and w.differs = 'stock'
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
