create or replace function stocksync.mismatches(
    p_product_ids bigint[] default null,
    p_reading_id bigint default null
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
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select d.product_id, d.sku, d.name, p.status, p.is_deleted, d.quantity_on_hand, d.total_stock,
        d.ledger, d.rolled_up, d.rolled_up, null::numeric, null, null::numeric, null,
        d.difference, d.movements, d.differs, '{unknown}'::text[],
        (
            select jsonb_agg(jsonb_build_object('class', c, 'cause', 'unknown', 'text', c))
            from unnest(d.differs) as c
        )
    from stocksync.discrepancies(p_product_ids, p_force => true) as d
    join public.products as p on p.id = d.product_id;
$function$;

comment on function stocksync.mismatches(bigint[], bigint) is
    'Products whose stock is not the same in every source, side by side.';
