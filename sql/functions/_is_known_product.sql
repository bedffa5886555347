-- Whether anything is known of a product: its row, or what a row that is gone has left behind.

create or replace function stocksync._is_known_product(p_product_id bigint)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select exists (select from public.products as p where p.id = p_product_id)
        or exists (select from public.stock_movements as m where m.product_id = p_product_id)
        or exists (select from stocksync.stock_total as t where t.product_id = p_product_id)
        or exists (select from stocksync.stock_daily as d where d.product_id = p_product_id)
        or exists (
            select
            from stocksync._journal as j
            cross join unnest(j.lines) as l
            where l.product_id = p_product_id
        );
$function$;

comment on function stocksync._is_known_product(bigint) is
    'True if the product is there, or movements or a part of the roll-up of it.';
