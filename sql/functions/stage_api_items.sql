-- A page of what the API shows, beside the stock of this moment: compared later, when it is known
-- which movements were under way. What an API answers was so between the page before and now, by the
-- one clock that movements have, too.

create or replace function stocksync.stage_api_items(p_reading_id bigint, p_items jsonb)
returns bigint
language plpgsql
volatile
security definer -- nobody writes readings by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_reading stocksync.api_readings;
    v_staged bigint;
begin
    -- Locked, because pages come one after another.
    select * into v_reading
    from stocksync.api_readings as r
    where r.id = p_reading_id
    for update;

    if not found then
        raise exception 'reading % does not exist', p_reading_id
            using errcode = 'no_data_found',
                  hint = 'Begin one with stocksync.begin_api_reading().';
    elsif coalesce(v_reading.reread_finished_at, v_reading.finished_at)
        > coalesce(v_reading.reread_at, '-infinity')
    then
        raise exception 'reading % is complete', p_reading_id
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin another one with stocksync.begin_api_reading(), or read again what differs with stocksync.begin_api_rereading().';
    end if;

    if v_reading.reread_at is null then
        insert into stocksync.api_items as t (
            reading_id, pass, api_id, product_id, times, quantity, reserved, status, problem,
            read_from, read_at, stock, staged_at
        )
        select p_reading_id, 1, g.api_id, o.product_id, g.times, g.quantity, g.reserved, g.status,
            g.problem, coalesce(v_reading.shown_at, v_reading.staged_at),
            coalesce(v_reading.shown_at, clock_timestamp()), o.quantity_on_hand, clock_timestamp()
        from stocksync._read_api_items(p_items) as g
        -- Two probes, of which one finds nothing: with "or" it would be a scan.
        left join lateral (
            select i.product_id, i.quantity_on_hand
            from public.stock_on_hand as i
            where i.product_id = case
                when v_reading.match_by = 'id' and g.api_id ~ '^(0|-?[1-9][0-9]{0,17})$'
                    then g.api_id::bigint
            end
            union all
            select s.product_id, s.quantity_on_hand
            from public.stock_on_hand as s
            where s.sku = case when v_reading.match_by = 'sku' then g.api_id end
        ) as o on true
        on conflict on constraint api_items_pkey do update set
            times = t.times + excluded.times;
    else
        -- Only what differed: all else was right, and is not asked again.
        update stocksync.api_items as t
        set times = t.times + g.times,
            quantity = case when t.times = 0 then g.quantity else t.quantity end,
            reserved = case when t.times = 0 then g.reserved else t.reserved end,
            status = case when t.times = 0 then g.status else t.status end,
            problem = case when t.times = 0 then g.problem else t.problem end,
            read_from = case when t.times = 0 then v_reading.staged_at else t.read_from end,
            read_at = clock_timestamp(),
            stock = o.quantity_on_hand,
            staged_at = clock_timestamp()
        from stocksync._read_api_items(p_items) as g,
            public.stock_on_hand as o
        where t.reading_id = p_reading_id
            and t.pass = 2
            and t.api_id = g.api_id
            and o.product_id = t.product_id;
    end if;
    get diagnostics v_staged = row_count;

    update stocksync.api_readings as r
    set staged_at = clock_timestamp()
    where r.id = p_reading_id;
    return v_staged;
end;
$function$;

comment on function stocksync.stage_api_items(bigint, jsonb) is
    'Adds what an API answered, as soon as it has: an array of objects with id, quantity and, if it says so, status and reserved; a number may be a text. Returns how many it kept: of an item that is there twice one, and while stocksync.begin_api_rereading() is on, those that differed. Raises no_data_found for an unknown reading, object_not_in_prerequisite_state for one that is complete, invalid_parameter_value for what is no array.';
