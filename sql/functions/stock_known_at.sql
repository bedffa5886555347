-- The stock as somebody who asked at that time was told.

create or replace function stocksync.stock_known_at(
    p_known_at timestamptz,
    p_product_id bigint default null,
    p_location_id bigint default null
)
returns table (product_id bigint, sku text, name text, quantity numeric)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select *
    from stocksync.stock_as_of(null, p_product_id, p_location_id, p_known_at);
$function$;

comment on function stocksync.stock_known_at(timestamptz, bigint, bigint) is
    'The stock of the movements that were recorded until then, inclusive, whenever they occurred, in the versions of then: of one product or of all, at one location or at all. Raises as stocksync.stock_as_of() does.';
