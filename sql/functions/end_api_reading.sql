-- All of it is there: only now does it mean something that a product is not shown.

create or replace function stocksync.end_api_reading(p_reading_id bigint)
returns void
language plpgsql
volatile
security definer -- nobody writes readings by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_reading stocksync.api_readings;
begin
    select * into v_reading
    from stocksync.api_readings as r
    where r.id = p_reading_id
    for update;

    if not found then
        raise exception 'reading % does not exist', p_reading_id
            using errcode = 'no_data_found',
                  hint = 'Begin one with stocksync.begin_api_reading().';
    end if;

    if v_reading.reread_at is null then
        insert into stocksync.api_items (
            reading_id, pass, api_id, product_id, times, read_from, read_at, stock, staged_at
        )
        select p_reading_id, 1, case v_reading.match_by when 'id' then o.product_id::text else o.sku end,
            o.product_id, 0, coalesce(v_reading.shown_at, v_reading.started_at),
            coalesce(v_reading.shown_at, clock_timestamp()), o.quantity_on_hand, clock_timestamp()
        from stocksync._stock as o
        where o.quantity_on_hand > 0
            and not exists (
                select from stocksync.api_items as i
                where i.reading_id = p_reading_id and i.product_id = o.product_id
            )
        on conflict on constraint api_items_pkey do nothing;

        update stocksync.api_readings as r
        set finished_at = clock_timestamp()
        where r.id = p_reading_id and r.finished_at is null;
    else
        update stocksync.api_items as t
        set read_at = clock_timestamp(),
            stock = o.quantity_on_hand,
            staged_at = clock_timestamp()
        from public.stock_on_hand as o
        where t.reading_id = p_reading_id
            and t.pass = 2
            and t.times = 0
            and o.product_id = t.product_id;

        update stocksync.api_readings as r
        set reread_finished_at = clock_timestamp()
        where r.id = p_reading_id and r.reread_finished_at is null;
    end if;
end;
$function$;

comment on function stocksync.end_api_reading(bigint) is
    'Says that the API was read to its end: what was not shown is not shown. Ends what stocksync.begin_api_reading() or stocksync.begin_api_rereading() has begun. Raises no_data_found for an unknown reading.';
