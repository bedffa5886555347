-- The stock, as people ask for it.

create or replace function stocksync.stock(p_sku text default null, p_below numeric default null)
returns table (product_id bigint, sku text, name text, quantity_on_hand numeric, status text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync.product_id(p_sku); -- raises for an unknown one

    return query
    select s.product_id, s.sku, s.name, s.quantity_on_hand, s.status
    from public.stock_on_hand as s
    where (p_sku is null or s.sku = p_sku)
        and (p_below is null or s.quantity_on_hand < p_below)
        and (p_sku is not null or not s.is_deleted)
    order by s.sku;
end;
$function$;

comment on function stocksync.stock(text, numeric) is
    'The stock of one product, or of all that are not deleted; with p_below only where it is lower than that. Raises no_data_found for an unknown sku.';
