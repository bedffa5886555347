-- The batches of a product as the record of a fix keeps them.

create or replace function stocksync._batch_images(p_product_id bigint)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'batch_id', b.id, 'batch_number', b.batch_number, 'location_id', b.location_id,
                'received', b.quantity_received, 'remaining', b.quantity_remaining
            )
            order by b.id
        ),
        '[]'
    )
    from public.stock_batches as b
    where b.product_id = p_product_id and b.status <> 'retired';
$function$;

comment on function stocksync._batch_images(bigint) is
    'An array of the batches of a product that are not retired: batch_id, batch_number, location_id, received, remaining.';
