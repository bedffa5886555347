-- Takes all slots of a product back into it, and waits for whoever holds one: then it has all there is.

create or replace function stocksync._gather(p_product_id bigint)
returns public.products
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- However little there was when this was planned, by the index: dead rows may be many.
set enable_seqscan = off
as $function$
declare
    v_product public.products;
begin
    delete from stocksync._pending as q where q.product_id = p_product_id;

    select * into v_product from public.products as p where p.id = p_product_id;
    return v_product;
end;
$function$;

comment on function stocksync._gather(bigint) is
    'Folds everything that was left beside the product, which the caller has locked, and returns it as it is then.';
