-- What an audit found, product by product, with the stock of each source side by side.

create or replace function stocksync.findings(p_run_id bigint)
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
    select f.product_id, p.sku, p.name, f.status, f.is_deleted, f.quantity_on_hand, f.total_stock,
        f.ledger, f.rolled_up, f.by_location, f.batches, f.api_id, f.api, f.api_status,
        f.quantity_on_hand - f.ledger, f.movements, f.classes,
        array(
            select distinct e.reason ->> 'cause'
            from jsonb_array_elements(f.reasons) as e (reason)
            order by 1
        ),
        f.reasons
    from stocksync.findings as f
    left join public.products as p on p.id = f.product_id
    where f.run_id = p_run_id
    order by f.product_id, f.api_id;
$function$;

comment on function stocksync.findings(bigint) is
    'The products that an audit found wrong, and what only the API shows, as they were then; the columns are those of stocksync.mismatches(). Empty for an unknown run.';
