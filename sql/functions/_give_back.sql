-- A product for movements that have none: out of sight until somebody has looked at it.

create or replace function stocksync._give_back(p_run_id bigint, p_product_id bigint)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    with back as (
        insert into public.products as p (id, sku, name, status, is_deleted, tracks_batches)
        values (
            p_product_id, format('restored-%s', p_product_id),
            format('Product %s, restored', p_product_id), 'inactive', true,
            exists (
                select from public.stock_batches as k
                where k.product_id = p_product_id and k.status <> 'retired'
            )
        )
        returning p.id, p.sku, p.name
    )
    insert into stocksync.incidents (run_id, product_id, class, images)
    select p_run_id, b.id, 'product', jsonb_build_object(
        'before', null,
        'after', jsonb_build_object(
            'sku', b.sku, 'name', b.name, 'status', 'inactive', 'is_deleted', true
        )
    )
    from back as b;

    perform stocksync._correct(p_run_id, array[p_product_id], null, true);
end;
$function$;

comment on function stocksync._give_back(bigint, bigint) is
    'Inserts the product of movements whose product is gone, for this run, and makes its quantities what they say. Raises unique_violation if its id or "restored-ID" is taken.';
