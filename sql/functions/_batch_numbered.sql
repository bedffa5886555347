-- People say what is printed on a batch: that is all rows of this number, at whatever place and cost.
-- Whoever changes them holds the product first, as settle does, so that no sale is in between.

create or replace function stocksync._batch_numbered(p_product_id bigint, p_batch_number text)
returns setof public.stock_batches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync.check_scope(p_product_id, null);
    perform stocksync.lock_products(array[p_product_id]);

    return query
    select *
    from public.stock_batches as b
    where b.product_id = p_product_id
        and b.batch_number = p_batch_number
        and b.status <> 'retired'
    order by b.id;

    if not found then
        raise exception 'product "%" has no batch "%"',
            (select p.sku from public.products as p where p.id = p_product_id), p_batch_number
            using errcode = 'no_data_found',
                  hint = 'Numbers are case-sensitive. List them with "stocksync batch list --sku SKU --all"; retired ones are no part of the stock.';
    end if;
end;
$function$;

comment on function stocksync._batch_numbered(bigint, text) is
    'Locks the product and returns its batches of this number that are not retired. Raises no_data_found if there is no such product or batch.';
