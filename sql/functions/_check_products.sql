-- What is asked about must be there, or have left movements behind.

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
    where not exists (select from public.products as p where p.id = i)
        and not exists (select from public.stock_movements as m where m.product_id = i);

    if v_missing is not null then
        raise exception 'product % does not exist', v_missing
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    end if;
end;
$function$;

comment on function stocksync._check_products(bigint[]) is
    'Raises no_data_found if one of these is neither a product nor has movements. Null is fine.';
