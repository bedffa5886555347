-- A comparison over nothing would say that all is well: what it is asked about must be there.

create or replace function stocksync.check_scope(p_product_id bigint, p_since timestamptz)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_product_id is not null
        and not exists (select from public.products as p where p.id = p_product_id)
    then
        raise exception 'product % does not exist', p_product_id
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    elsif p_since > now() then
        raise exception '% is in the future', p_since
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the date from which movements may be wrong.';
    end if;
end;
$function$;

comment on function stocksync.check_scope(bigint, timestamptz) is
    'Raises no_data_found if the product does not exist and invalid_parameter_value if the time is in the future. Nulls are fine.';
