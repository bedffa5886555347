-- A product that is gone takes its stock with it only if its movements are gone too.

create or replace function stocksync._refuse_orphans(p_product_id bigint)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    if exists (select from public.products as p where p.id = p_product_id) then
        raise exception 'the stock of product % could not be updated', p_product_id
            using errcode = 'triggered_action_exception',
                  hint = 'A trigger, rule or policy on products suppresses the update.',
                  schema = 'public', table = 'products', column = 'quantity_on_hand';
    end if;

    if exists (select from public.stock_movements as m where m.product_id = p_product_id) then
        raise exception 'product % does not exist, but has movements', p_product_id
            using errcode = 'foreign_key_violation',
                  hint = 'Delete the movements of a product before the product, or keep both.',
                  schema = 'public', table = 'stock_movements', column = 'product_id',
                  constraint = 'stock_movements_product_exists';
    end if;
end;
$function$;

comment on function stocksync._refuse_orphans(bigint) is
    'Raises foreign_key_violation if a product that no longer exists still has movements.';
