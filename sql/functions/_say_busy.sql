-- What whoever gives way is told.

create or replace function stocksync._say_busy(p_product_ids bigint[])
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
begin
    raise exception 'movements of % are being written',
        coalesce('product ' || p_product_ids[1], 'products')
        using errcode = 'lock_not_available',
              hint = 'Try again. To change how products settle, stocksync.use_mode() waits for them.',
              schema = 'public', table = 'products', column = 'contention';
end;
$function$;

comment on function stocksync._say_busy(bigint[]) is
    'Raises lock_not_available: movements of these products are being written. Null is all products.';
