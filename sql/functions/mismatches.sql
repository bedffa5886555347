-- What an audit finds: every product whose stock is not the same in all that keeps it, side by side
-- and with the reasons, in one snapshot. One pass over the movements finds which; the rest looks at
-- those only.

create or replace function stocksync.mismatches(
    p_product_ids bigint[] default null,
    p_reading_id bigint default null,
    p_deep boolean default false
)
returns table (
    product_id bigint,
    sku text,
    name text,
    status text,
    is_deleted boolean,
    quantity_on_hand numeric,
    total_stock numeric,
    ledger numeric,
    rolled_up numeric,
    by_location numeric,
    batches numeric,
    api_id text,
    api numeric,
    api_status text,
    difference numeric,
    movements bigint,
    classes text[],
    causes text[],
    reasons jsonb
)
language plpgsql
stable
set plan_cache_mode = force_custom_plan
set jit = off
set work_mem = '64MB'
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_closing_ids bigint[];
    v_batch_ids bigint[];
begin
    v_batch_ids := array(
        select p.id
        from public.products as p
        where p.tracks_batches and (p_product_ids is null or p.id = any (p_product_ids))
        union
        select b.product_id
        from public.stock_batches as b
        where p_product_ids is null or b.product_id = any (p_product_ids)
    );
    v_closing_ids := array(select c from stocksync._closing_differences(p_product_ids) as c);

    return query
    with shown as materialized (
        select a.* from stocksync.api_discrepancies(p_reading_id, p_product_ids) as a
    ),
    doubtful as materialized (
        select array(
            select c from unnest(v_closing_ids) as c
            union
            select u from stocksync._parted(p_product_ids) as u
            union
            select b.product_id
            from stocksync.batch_discrepancies(
                case when p_product_ids is not null then v_batch_ids end
            ) as b
            where v_batch_ids <> '{}'
            union
            select d.product_id
            from stocksync.discrepancies(p_product_ids, p_force => true) as d
            where p_deep
            union
            select a.product_id
            from shown as a
            where a.product_id is not null and a.class is not null
        ) as ids
    ),
    source as materialized (
        select s.* from doubtful as d cross join lateral stocksync.stock_sources(d.ids) as s
    ),
    reason (product_id, api_id, class, reason) as (
        select l.product_id, null::text, l.class, l.reason
        from doubtful as d
        cross join lateral stocksync._ledger_reasons(d.ids) as l
        union all
        select b.product_id, null, b.class, b.reason
        from doubtful as d
        cross join lateral stocksync._batch_reasons(d.ids) as b
        union all
        select c, null, 'closing_vs_ledger', jsonb_build_object(
            'class', 'closing_vs_ledger',
            'cause', 'closed_movements_changed',
            'text', 'What was closed was changed behind the triggers: the closing keeps another balance.'
        )
        from unnest(v_closing_ids) as c
        union all
        select s.product_id, null, 'negative', jsonb_build_object(
            'class', 'negative',
            'cause', 'rule_changed',
            'text', format('The stock is %s, and may not be below zero.', s.quantity_on_hand),
            'stored', s.quantity_on_hand, 'derived', 0
        )
        from source as s
        join public.products as p on p.id = s.product_id
        cross join stocksync.settings as t
        where s.quantity_on_hand < 0 and not coalesce(p.allow_negative, t.allow_negative)
        union all
        select a.product_id, case when a.product_id is null then a.api_id end, a.class, a.reason
        from shown as a
        where a.class is not null
    ),
    found as (
        select r.product_id, r.api_id, array_agg(distinct r.class) as classes,
            array_agg(distinct r.reason ->> 'cause') as causes,
            jsonb_agg(
                r.reason order by r.class, r.reason ->> 'location' nulls first, r.reason ->> 'batch'
            ) as reasons
        from reason as r
        group by r.product_id, r.api_id
    ),
    -- One key, so that a hundred thousand are joined at once.
    shown_once as (
        select distinct on (w.key) w.*
        from (
            select coalesce(a.product_id::text, '/' || a.api_id) as key, a.*
            from shown as a
        ) as w
        order by w.key, w.class is null
    )
    select f.product_id, s.sku, s.name, s.status, s.is_deleted, s.quantity_on_hand, s.total_stock,
        s.ledger, s.rolled_up, s.by_location, s.batches, a.api_id, a.api, a.api_status,
        s.quantity_on_hand - s.ledger, coalesce(s.movements, 0), f.classes, f.causes, f.reasons
    from found as f
    left join source as s on s.product_id = f.product_id
    left join shown_once as a on a.key = coalesce(f.product_id::text, '/' || f.api_id)
    order by f.product_id, f.api_id;
end;
$function$;

comment on function stocksync.mismatches(bigint[], bigint, boolean) is
    'What an audit would find now. p_product_ids: of these products only (null: all). p_reading_id: what the shop''s API showed, compared too (null: none). p_deep: compare the days and types of the roll-up with the movements, not only its levels. Columns: the sources as in stocksync.stock_sources(); api_id, api and api_status as the API shows it; difference is quantity_on_hand minus ledger; classes, causes and reasons as in stocksync.findings. In a transaction that has written movements, call it after "set constraints all immediate".';
