-- The days of stock_daily are those of one time zone. Changing it means counting all days anew.

create or replace function stocksync.set_time_zone(p_time_zone text)
returns void
language plpgsql
volatile
security definer -- nobody writes the roll-up by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform now() at time zone p_time_zone; -- raises for a zone that does not exist

    -- Writers must not count days in the old zone while they are counted in the new one.
    lock table public.stock_movements in share row exclusive mode;

    update stocksync.settings set time_zone = p_time_zone;
    delete from stocksync._journal;
    delete from stocksync.stock_daily;

    insert into stocksync.stock_daily
        (product_id, location_id, day, transaction_type, quantity, movements)
    select l.product_id, l.location_id, l.day, l.transaction_type, trim_scale(l.quantity), l.movements
    from stocksync._roll_up_differences(null) as l;

    delete from stocksync.stock_total;

    insert into stocksync.stock_total (product_id, location_id, quantity, movements)
    select d.product_id, d.location_id, trim_scale(sum(d.quantity)), sum(d.movements)
    from stocksync.stock_daily as d
    group by d.product_id, d.location_id;

    perform stocksync._write_log(
        'warning', 'time zone changed', p_context => jsonb_build_object('time_zone', p_time_zone)
    );
end;
$function$;

comment on function stocksync.set_time_zone(text) is
    'Sets the time zone whose days stock_daily counts in, and counts them all anew: writers wait meanwhile. Raises invalid_parameter_value for a zone that does not exist.';
