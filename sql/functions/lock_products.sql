-- A transaction that updates products itself and then writes movements takes its locks in another
-- order than settle does. Taking them all first, in settle's order, is the remedy.

create or replace function stocksync.lock_products(p_product_ids bigint[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform from public.products as p
    where p.id = any (p_product_ids)
    order by p.id
    for no key update;
end;
$function$;

comment on function stocksync.lock_products(bigint[]) is
    'Locks these products until the end of the transaction, in the order in which stock is settled. For transactions that update products before they insert movements; needs the right to update products.';
