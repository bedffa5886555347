-- What a run corrected, product by product, in the shape of its dry run.

create or replace function stocksync.corrections(p_run_id bigint)
returns table (
    product_id bigint,
    sku text,
    name text,
    quantity_on_hand numeric,
    ledger numeric,
    difference numeric,
    differs text[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select
        i.product_id,
        p.sku,
        p.name,
        coalesce(max(i.before) filter (where i.class = 'quantity_on_hand'), max(i.after)),
        max(i.after),
        coalesce(sum(i.before - i.after) filter (where i.class = 'quantity_on_hand'), 0),
        array_agg(i.class order by i.id)
    from stocksync.incidents as i
    left join public.products as p on p.id = i.product_id
    where i.run_id = p_run_id
    group by i.product_id, p.sku, p.name
    order by i.product_id;
$function$;

comment on function stocksync.corrections(bigint) is
    'The products that a run corrected: quantity_on_hand before, what the ledger said, the difference (before minus ledger) and what differed. Empty for an unknown run.';
