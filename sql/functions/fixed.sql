-- What a fix did, in the shape of its dry run.

create or replace function stocksync.fixed(p_run_id bigint)
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
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select u.product_id, p.sku, p.name, u.kind, u.class, u.change, u.before, u.after, u.skipped
    from (
        select i.product_id,
            case i.class
                when 'batches' then 'batches'
                when 'product' then 'ledger'
                when 'status' then 'missing'
                else 'fields'
            end as kind,
            case i.class
                when 'quantity_on_hand' then 'on_hand_vs_ledger'
                when 'total_stock' then 'stock_vs_total_stock'
                when 'roll_up' then 'roll_up_vs_ledger'
                when 'batches' then 'on_hand_vs_batches'
                when 'product' then 'orphan_movement'
                else 'missing_from_api'
            end as class,
            c.change, c.before, c.after, null::text as skipped
        from stocksync.incidents as i
        cross join lateral (
            select
                case
                    when i.class = 'roll_up' and i.before = i.after then 'roll_up by day and place'
                    else i.class
                end,
                trim_scale(i.before)::text, trim_scale(i.after)::text
            where i.class not in ('product', 'status')
            union all
            select 'product', 'gone', 'inactive, deleted'
            where i.class = 'product'
            union all
            select e.key, i.images -> 'before' ->> e.key, e.value
            from jsonb_each_text(i.images -> 'after') as e
            where i.class = 'status' and i.images -> 'before' ->> e.key <> e.value
        ) as c (change, before, after)
        where i.run_id = p_run_id
        union all
        select m.product_id, 'ledger',
            case when k.movement_id is null then 'closing_vs_ledger' else 'negative' end,
            'movement' || coalesce(' at ' || l.name, ''), null,
            case m.movement_type when 'in' then '+' else '-' end || trim_scale(m.quantity), null
        from stocksync.runs as r
        cross join unnest(r.movement_ids) as w
        join public.stock_movements as m on m.id >= lower(w) and m.id < upper(w)
        left join stocksync.count_corrections as k on k.movement_id = m.id
        left join public.locations as l on l.id = m.location_id
        where r.id = p_run_id
        union all
        select g.product_id, g.context ->> 'kind', g.context ->> 'class', g.context ->> 'change',
            g.context ->> 'before', g.context ->> 'after',
            coalesce(g.context ->> 'skipped', g.context ->> 'error')
        from stocksync.runs as r
        join stocksync.log as g
            on g.logged_at >= r.started_at
            and (r.finished_at is null or g.logged_at <= r.finished_at)
            and g.context ->> 'run' = r.id::text
        where r.id = p_run_id
            and g.message in ('product left as it is', 'product stock could not be updated')
    ) as u
    left join public.products as p on p.id = u.product_id
    order by u.product_id, array_position('{fields,ledger,batches,missing}', u.kind), u.class, 6;
$function$;

comment on function stocksync.fixed(bigint) is
    'What a fix did, in the columns of stocksync.fix_dry_run(); skipped says why something was left as it was, or could not be fixed. Empty for an unknown run.';
