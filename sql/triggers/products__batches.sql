-- Switches batch tracking on and off, for whoever updates the column. On: what is there becomes an
-- opening batch at each place, and what other transactions have under way joins it when they settle.
-- Off: the batches are retired, with what remained of them.

create or replace function stocksync.tg_products__batches()
returns trigger
language plpgsql
security definer -- nobody writes batches by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_opening stocksync._line[];
    v_location text;
    v_quantity numeric;
begin
    -- Not a check of the table: that would be prepared again for every movement that settles.
    if coalesce(new.batch_strategy not in ('fefo', 'fifo', 'lifo'), true) then
        raise exception 'unknown batch strategy "%"', new.batch_strategy
            using errcode = 'check_violation',
                  hint = 'Use "fefo", "fifo" or "lifo".',
                  schema = 'public', table = 'products', column = 'batch_strategy',
                  constraint = 'products_batch_strategy_known';
    end if;

    if tg_op = 'INSERT' or old.tracks_batches = new.tracks_batches then
        return null;
    end if;

    -- What this transaction has written is in the stock by place already.
    perform stocksync._settle_now();

    if new.tracks_batches then
        select
            array_agg(
                row(o.product_id, o.location_id, null, null, o.quantity, null)::stocksync._line
            ),
            (array_agg(o.location order by o.quantity))[1],
            min(o.quantity)
        into v_opening, v_location, v_quantity
        from stocksync.opening_batches(array[new.id]) as o;

        if v_quantity < 0 then
            raise exception 'insufficient stock of "%"', new.sku
                using errcode = 'SS001',
                      detail = format('There are %s%s, and no batch can have less than nothing.',
                          v_quantity, case when v_location is not null then format(' at "%s"', v_location) end),
                      hint = 'Count it first, with "stocksync count".',
                      schema = 'public', table = 'products', column = 'tracks_batches';
        end if;
        perform stocksync._adjust_opening(v_opening);
    else
        update public.stock_batches as b
        set status = 'retired'
        where b.product_id = new.id and b.status <> 'retired';
    end if;

    perform stocksync._write_log(
        'info',
        case when new.tracks_batches then 'batch tracking switched on'
            else 'batch tracking switched off' end,
        new.id,
        jsonb_build_object('sku', new.sku)
    );
    return null;
end;
$function$;

comment on function stocksync.tg_products__batches() is
    'Makes opening batches where a product begins to track batches, retires its batches where it ceases to. Raises SS001 where its stock is below zero at a place, check_violation for an unknown strategy.';

create or replace trigger _500_batches_of_insert
    after insert on public.products
    for each row
    when (new.batch_strategy not in ('fefo', 'fifo', 'lifo'))
    execute function stocksync.tg_products__batches();

comment on trigger _500_batches_of_insert on public.products is
    'Refuses an unknown batch strategy.';

create or replace trigger _500_batches_of_update
    -- the columns are not among those that settle updates
    after update of tracks_batches, batch_strategy on public.products
    for each row
    when (
        old.tracks_batches <> new.tracks_batches or old.batch_strategy <> new.batch_strategy
    )
    execute function stocksync.tg_products__batches();

comment on trigger _500_batches_of_update on public.products is
    'Switches batch tracking on and off.';
