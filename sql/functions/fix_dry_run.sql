-- What stocksync.fix() would do, product by product: the live run asks this too, chunk by chunk, and
-- does what it says.

create or replace function stocksync.fix_dry_run(
    p_kinds text[],
    p_product_ids bigint[] default null,
    p_report jsonb default null
)
returns table (
    product_id bigint,
    sku text,
    name text,
    kind text,
    class text,
    change text,
    before text,
    after text,
    skipped text
)
language plpgsql
stable
set plan_cache_mode = force_custom_plan
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_ids bigint[] := p_product_ids;
    v_asked_ids bigint[];
begin
    perform stocksync._check_fix(p_kinds, p_report);
    if p_report is null then
        perform stocksync._check_products(p_product_ids);
    else
        v_ids := array(
            select (f ->> 'product_id')::bigint
            from jsonb_array_elements(p_report -> 'findings') as f
            where f ->> 'product_id' is not null
                and (p_product_ids is null or (f ->> 'product_id')::bigint = any (p_product_ids))
        );
    end if;

    -- What a shop's API did not show, says the report, or the last audit that read one.
    if 'missing' = any (p_kinds) and p_report is not null then
        v_asked_ids := array(
            select (f ->> 'product_id')::bigint
            from jsonb_array_elements(p_report -> 'findings') as f
            where f -> 'classes' ? 'missing_from_api'
        );
    elsif 'missing' = any (p_kinds) then
        v_asked_ids := array(
            select f.product_id
            from stocksync.findings as f
            -- who has hidden it since has his reasons
            join public.products as p
                on p.id = f.product_id and p.status = f.status and p.is_deleted = f.is_deleted
            where f.run_id = (
                    select max(u.id)
                    from stocksync.runs as u
                    where u.command = 'audit'
                        and u.finished_at is not null
                        and u.options ? 'reading'
                        -- one of some products tells nothing of the others
                        and (p_product_ids is not null or not u.options ? 'products')
                )
                and 'missing_from_api' = any (f.classes)
        );
    end if;

    return query
    with found as materialized (
        select m.*
        from stocksync.mismatches(v_ids, null, true) as m
        where m.product_id is not null
    ),
    -- What is no longer as the report has it.
    changed as materialized (
        select s.product_id
        from jsonb_array_elements(p_report -> 'findings') as f
        join stocksync.stock_sources(v_ids) as s on s.product_id = (f ->> 'product_id')::bigint
        where row(
                s.quantity_on_hand, s.total_stock, s.ledger, s.rolled_up, s.by_location, s.batches,
                s.status, s.is_deleted
            )
            is distinct from row(
                (f #>> '{stock,quantity_on_hand}')::numeric, (f #>> '{stock,total_stock}')::numeric,
                (f #>> '{stock,ledger}')::numeric, (f #>> '{stock,rolled_up}')::numeric,
                (f #>> '{stock,by_location}')::numeric, (f #>> '{stock,batches}')::numeric,
                f ->> 'status', (f ->> 'is_deleted')::boolean
            )
    ),
    planned (product_id, kind, class, change, before, after, skipped, place) as (
        -- 1. A row for movements that have none, and its quantities.
        select f.product_id, c.kind, c.class, c.change, c.before, c.after, null::text, null::bigint
        from found as f
        -- what waits for the product to be free waits on
        cross join lateral (
            select trim_scale(coalesce(sum(q.quantity), 0))::text as quantity
            from stocksync._pending as q
            where q.product_id = f.product_id
        ) as w
        cross join lateral (
            values
                ('ledger', 'orphan_movement', 'product', 'gone', 'inactive, deleted'),
                (
                    'fields', 'roll_up_vs_ledger',
                    'roll_up' || case when f.by_location = f.ledger then ' by day and place' else '' end,
                    f.by_location::text,
                    case
                        when f.classes && '{roll_up_vs_ledger,location_vs_ledger}'
                            then f.ledger::text
                    end
                ),
                ('fields', 'on_hand_vs_ledger', 'quantity_on_hand', w.quantity, f.ledger::text),
                ('fields', 'stock_vs_total_stock', 'total_stock', w.quantity, f.ledger::text)
        ) as c (kind, class, change, before, after)
        where 'ledger' = any (p_kinds)
            and 'orphan_movement' = any (f.classes)
            and (c.before <> c.after or c.change like 'roll_up by%' and c.after is not null)
        union all
        -- 2. Stored quantities.
        select d.product_id, 'fields',
            case c.differs
                when 'quantity_on_hand' then 'on_hand_vs_ledger'
                when 'total_stock' then 'stock_vs_total_stock'
                else 'roll_up_vs_ledger'
            end,
            case
                when c.differs = 'roll_up' and d.rolled_up = d.ledger then 'roll_up by day and place'
                else c.differs
            end,
            trim_scale(case c.differs
                when 'quantity_on_hand' then d.quantity_on_hand
                when 'total_stock' then d.total_stock
                else d.rolled_up
            end)::text,
            d.ledger::text, null, null
        from stocksync.discrepancies(
            array(select f.product_id from found as f), p_force => true
        ) as d
        cross join unnest(d.differs) as c (differs)
        where 'fields' = any (p_kinds)
        union all
        select f.product_id, 'fields', 'roll_up_vs_ledger', 'roll_up', f.by_location::text, '0', null,
            null
        from found as f
        where 'fields' = any (p_kinds) and f.sku is null and f.movements = 0
        union all
        -- 3. What the ledger lacks.
        select r.product_id, 'ledger', 'closing_vs_ledger', 'movement', null,
            case when r.quantity > 0 then '+' else '' end || r.quantity, null, r.location_id
        from stocksync._restore_differences(
            stocksync._last_closing(),
            array(
                select f.product_id from found as f where 'closing_vs_ledger' = any (f.classes)
            )
        ) as r
        where 'ledger' = any (p_kinds) and r.quantity <> 0
        union all
        select l.product_id, 'ledger', 'negative', 'movement', null,
            '+' || trim_scale(-sum(l.quantity)), null, l.location_id
        from stocksync._turnovers as l
        where 'ledger' = any (p_kinds)
            and l.product_id in (
                select f.product_id
                from found as f
                where 'negative' = any (f.classes)
                    and f.ledger < 0
                    -- that comes first, and may be enough
                    and 'closing_vs_ledger' <> all (f.classes)
            )
        group by l.product_id, l.location_id
        having sum(l.quantity) < 0
        union all
        -- 4. The batches.
        select f.product_id, 'batches', 'on_hand_vs_batches', 'batches', f.batches::text,
            f.ledger::text,
            case
                when 'fields' <> all (p_kinds) and f.by_location <> f.ledger
                    then 'its stock by place is not right: fix its fields first'
            end,
            null
        from found as f
        where 'batches' = any (p_kinds)
            and f.classes && '{on_hand_vs_batches,batch_vs_movements}'
        union all
        -- 5. What the shop should show.
        select p.id, 'missing', 'missing_from_api', c.change, c.before, c.after, null, null
        from public.products as p
        join public.stock_on_hand as h on h.product_id = p.id
        cross join lateral (
            values
                ('status', p.status, 'active'),
                ('is_deleted', p.is_deleted::text, 'false')
        ) as c (change, before, after)
        where p.id = any (v_asked_ids)
            and (p_product_ids is null or p.id = any (p_product_ids))
            and h.quantity_on_hand > 0
            and c.before <> c.after
    )
    select n.product_id,
        case when n.is_back then format('restored-%s', n.product_id) else p.sku end,
        case when n.is_back then format('Product %s, restored', n.product_id) else p.name end,
        n.kind, n.class,
        n.change || coalesce(' at ' || l.name, ''), n.before, n.after,
        case
            when n.product_id in (select g.product_id from changed as g)
                then 'it has changed since the report'
            else n.skipped
        end
    from (
        select l.*, bool_or(l.class = 'orphan_movement') over (partition by l.product_id) as is_back
        from planned as l
    ) as n
    left join public.products as p on p.id = n.product_id
    left join public.locations as l on l.id = n.place
    order by n.product_id, array_position('{fields,ledger,batches,missing}', n.kind), n.class, 6;
end;
$function$;

comment on function stocksync.fix_dry_run(text[], bigint[], jsonb) is
    'What stocksync.fix() of the same arguments would do. p_kinds: "fields" makes quantity_on_hand, total_stock and the roll-up what the movements say; "batches" makes the batches that; "ledger" gives movements whose product is gone a product, books what a closing says is missing, and counts to zero what is below zero though that is refused; "missing" makes products with stock active that a shop''s API does not show as they are inactive or deleted, by the report or the last audit that read an API. p_product_ids: only these (null: all). p_report: the JSON report of an audit; only what it names. skipped says why something is left as it is; null where it is not. Raises invalid_parameter_value for an unknown kind, or a report that is none or of another database, no_data_found for an unknown product.';
