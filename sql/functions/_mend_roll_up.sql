-- Makes the roll-up of a product what its movements say. The caller holds the advisory lock "roll_up".
--
-- The journal adds up, so the difference of one snapshot is exact here too; and stock_total is the sum
-- of stock_daily, which nobody changes under the lock.

create or replace function stocksync._mend_roll_up(p_product_id bigint)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    delete from stocksync.stock_total as t where t.product_id = p_product_id;

    insert into stocksync.stock_total (
        product_id, location_id, quantity, movements, quantity_in, first_on, last_on, last_count_on
    )
    select d.product_id, d.location_id, d.quantity, d.movements, d.quantity_in, d.first_on,
        d.last_on, d.last_count_on
    from stocksync._daily_totals(array[p_product_id]) as d;

    update stocksync._roll_up_version set version = version + 1;

    insert into stocksync._journal (lines, is_settled)
    select array_agg(l), true
    from stocksync._roll_up_differences(array[p_product_id]) as l
    having count(*) > 0;
end;
$function$;

comment on function stocksync._mend_roll_up(bigint) is
    'Sets the levels of a product to what its days say, and puts into the journal what days and journal lack of the movements.';
