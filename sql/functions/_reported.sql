-- What an audit found about some sources, what is furthest apart first. Everything that is said of an
-- audit is said of these rows, so that no two places count differently.

create or replace function stocksync._reported(p_run_id bigint, p_sources text[])
returns table (
    "position" bigint,
    is_lag boolean,
    classes text[],
    causes text[],
    finding jsonb
)
language sql
stable
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
    select row_number() over (order by k.classes = '{lag}', s.spread desc, f.product_id, f.api_id),
        k.classes = '{lag}',
        k.classes,
        r.causes,
        jsonb_build_object(
            'product_id', f.product_id,
            'sku', f.sku,
            'name', f.name,
            'status', f.status,
            'is_deleted', f.is_deleted,
            'stock', jsonb_build_object(
                'quantity_on_hand', trim_scale(f.quantity_on_hand),
                'total_stock', trim_scale(f.total_stock),
                'ledger', trim_scale(f.ledger),
                'rolled_up', trim_scale(f.rolled_up),
                'by_location', trim_scale(f.by_location),
                'batches', trim_scale(f.batches),
                'api', trim_scale(f.api)
            ),
            'spread', trim_scale(s.spread),
            'difference', trim_scale(f.difference),
            'movements', f.movements,
            'api_id', f.api_id,
            'api_status', f.api_status,
            'classes', k.classes,
            'causes', r.causes,
            'reasons', r.reasons
        )
    from stocksync.findings(p_run_id) as f
    cross join lateral (
        select array(
            select c.class
            from unnest(f.classes) with ordinality as c (class, position)
            where p_sources is null or stocksync._class_source(c.class) = any (p_sources)
            order by c.position
        ) as classes
    ) as k
    cross join lateral (
        select coalesce(jsonb_agg(e.reason order by e.position), '[]') as reasons,
            coalesce(
                array_agg(distinct e.reason ->> 'cause') filter (where e.reason ? 'cause'), '{}'
            ) as causes
        from jsonb_array_elements(f.reasons) with ordinality as e (reason, position)
        where e.reason ->> 'class' = any (k.classes)
    ) as r
    -- A product that is gone has nothing on hand, and one that an API should show and does not, none.
    cross join lateral (
        select max(v.quantity) - min(v.quantity) as spread
        from unnest(array[
            coalesce(f.quantity_on_hand, 0), f.total_stock, coalesce(f.ledger, 0), f.rolled_up,
            f.by_location, f.batches,
            case when 'missing_from_api' = any (f.classes) then 0 else f.api end
        ]) as v (quantity)
    ) as s
    where k.classes <> '{}';
$function$;

comment on function stocksync._reported(bigint, text[]) is
    'The findings of an audit whose classes are about these sources (null: all), as the report has them, with those classes and their reasons only; the furthest apart first, what only lagged last.';
