-- What is asked about must be there, or have left something behind.

create or replace function stocksync._check_products(p_product_ids bigint[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_missing bigint;
begin
    select min(i) into v_missing
    from unnest(p_product_ids) as i
    where not stocksync._is_known_product(i);

    if v_missing is not null then
        raise exception 'product % does not exist', v_missing
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    end if;
end;
$function$;

comment on function stocksync._check_products(bigint[]) is
    'Raises no_data_found if of one of these neither the product is there, nor movements or a part of the roll-up. Null is fine.';
