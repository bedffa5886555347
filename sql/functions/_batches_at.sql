-- The batches of one number at a place, as people mean them who say only the number: those in which
-- something is left, and exhausted ones only if there are no others.
--
-- A plain SQL function without SET, so that it is planned as part of the query that calls it.

create or replace function stocksync._batches_at(
    p_product_id bigint,
    p_batch_number text,
    p_location_id bigint
)
returns setof public.stock_batches
language sql
stable
as $function$
    select b.*
    from public.stock_batches as b
    where b.product_id = p_product_id
        and b.batch_number = p_batch_number
        and b.location_id is not distinct from p_location_id
        and b.status <> 'retired'
        and (
            b.is_open
            or not exists (
                select
                from public.stock_batches as o
                where o.product_id = p_product_id
                    and o.batch_number = p_batch_number
                    and o.location_id is not distinct from p_location_id
                    and o.status <> 'retired'
                    and o.is_open
            )
        );
$function$;

comment on function stocksync._batches_at(bigint, text, bigint) is
    'The batches of this product and number at this place (null: the unnamed one) that are not retired: open ones, or else all.';
