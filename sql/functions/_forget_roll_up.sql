-- Where neither a product nor movements are left, nothing is in stock: what the roll-up still says of it
-- goes. The caller holds the advisory lock "roll_up".

create or replace function stocksync._forget_roll_up(p_run_id bigint, p_product_id bigint)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_before numeric;
begin
    -- What is in the journal goes with the rest.
    perform stocksync.roll_up();

    select s.by_location into v_before
    from stocksync.stock_sources(array[p_product_id]) as s;

    delete from stocksync.stock_daily as d where d.product_id = p_product_id;
    delete from stocksync.stock_total as t where t.product_id = p_product_id;
    update stocksync._roll_up_version set version = version + 1, past_version = past_version + 1;

    insert into stocksync.incidents (run_id, product_id, class, before, after)
    values (p_run_id, p_product_id, 'roll_up', coalesce(v_before, 0), 0);
end;
$function$;

comment on function stocksync._forget_roll_up(bigint, bigint) is
    'Removes the days and levels of a product of which neither the row nor a movement is there, for this run.';
