-- What an audit found, product by product, in the shape of a dry run of sync.

create or replace function stocksync.findings(p_run_id bigint)
returns table (
    product_id bigint,
    sku text,
    name text,
    quantity_on_hand numeric,
    total_stock numeric,
    rolled_up numeric,
    ledger numeric,
    difference numeric,
    movements bigint,
    differs text[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.product_id, p.sku, p.name, f.quantity_on_hand, f.total_stock, f.rolled_up, f.ledger,
        f.quantity_on_hand - f.ledger, f.movements, f.differs
    from stocksync.findings as f
    left join public.products as p on p.id = f.product_id
    where f.run_id = p_run_id
    order by f.product_id;
$function$;

comment on function stocksync.findings(bigint) is
    'The products that an audit found wrong, as they were then; difference is quantity_on_hand minus ledger. Empty for an unknown run.';
