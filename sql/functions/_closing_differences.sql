-- Whether what the last closing holds is still what its movements say: nothing that came through the
-- triggers can have changed them.

-- Until 0.4.0 it had no argument.
drop function if exists stocksync._closing_differences();

create or replace function stocksync._closing_differences(p_product_ids bigint[])
returns setof bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct d.product_id
    from stocksync._restore_differences(stocksync._last_closing(), p_product_ids) as d
    where d.quantity <> 0;
$function$;

comment on function stocksync._closing_differences(bigint[]) is
    'The products, of these or (null) of all, of which the last closing keeps another balance than the movements before it, and what a restore has booked since, add up to.';
