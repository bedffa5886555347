-- People say a sku where tables say a number.

create or replace function stocksync.product_id(p_sku text)
returns bigint
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_id bigint;
begin
    select p.id into v_id from public.products as p where p.sku = p_sku;

    if not found then
        raise exception 'unknown sku "%"', p_sku
            using errcode = 'no_data_found',
                  hint = 'Skus are case-sensitive. List them with "stocksync stock".';
    end if;
    return v_id;
end;
$function$;

comment on function stocksync.product_id(text) is
    'The number of the product with this sku. Raises no_data_found if there is none; null for null.';
