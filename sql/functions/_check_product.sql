-- What a foreign key would say, without the lock on the product that it takes in every insert.
-- Whoever deletes a product looks for its movements: see tg_products__identity().

create or replace function stocksync._check_product(p_product_id bigint)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    if not exists (select from public.products as p where p.id = p_product_id) then
        raise exception 'product % does not exist', p_product_id
            using errcode = 'foreign_key_violation',
                  hint = 'Insert the product first.',
                  schema = 'public', table = 'stock_movements', column = 'product_id',
                  constraint = 'stock_movements_product_exists';
    end if;
end;
$function$;

comment on function stocksync._check_product(bigint) is
    'Raises foreign_key_violation if there is no product of this number.';
