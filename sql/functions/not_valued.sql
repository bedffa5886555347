-- What the report of value leaves out.

create or replace function stocksync.not_valued(p_sku text default null)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
    from public.stock_on_hand as h
    join public.products as p on p.id = h.product_id
    where not p.tracks_batches
        and h.quantity_on_hand <> 0
        and (p_sku is null or p.sku = p_sku);
$function$;

comment on function stocksync.not_valued(text) is
    'How many products (of one: p_sku) are in stock and not in stocksync.report_value(), as they do not track batches.';
