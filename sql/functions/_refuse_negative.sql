-- Nothing clamps at zero: a transaction that asks for more than there is, where that is refused, is
-- refused whole.

create or replace function stocksync._refuse_negative(p_product public.products, p_delta numeric)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    if coalesce(p_product.allow_negative, (select s.allow_negative from stocksync.settings as s)) then
        return;
    end if;

    raise exception 'insufficient stock of "%"', p_product.sku
        using errcode = 'SS001',
              detail = format('There are %s, and %s were asked for.',
                  trim_scale(p_product.quantity_on_hand - p_delta), trim_scale(-p_delta)),
              hint = 'Take less, or receive stock first. products.allow_negative and stocksync.settings decide whether stock may fall below zero.',
              schema = 'public', table = 'products', column = 'quantity_on_hand';
end;
$function$;

comment on function stocksync._refuse_negative(public.products, numeric) is
    'Raises SS001 if the product, as it is after p_delta, may not be below zero.';
