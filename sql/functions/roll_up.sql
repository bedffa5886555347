-- Roll-up: drains the journal into stock_daily and stock_total. A row is deleted and added in one
-- transaction, so it is counted exactly once whatever the order of commits, and "daily plus
-- journal" is the ledger in every snapshot. Nothing depends on transaction ids or clocks: a
-- restored dump simply goes on.

create or replace function stocksync.roll_up()
returns bigint
language plpgsql
volatile
security definer -- nobody writes the roll-up by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_drained bigint;
begin
    -- Two at once would be exact, but the second would wait for rows of the first. A correction
    -- derives stock_total from stock_daily, which must not change under it.
    if not pg_try_advisory_xact_lock(stocksync._lock_key('roll_up')) then
        return null;
    end if;

    with drained as (
        delete from stocksync._journal as j returning j.lines
    ),
    summed as (
        select l.product_id, l.location_id, l.day, l.transaction_type,
            sum(l.quantity) as quantity, sum(l.movements) as movements
        from drained as d
        cross join unnest(d.lines) as l
        group by 1, 2, 3, 4
    ),
    daily as (
        insert into stocksync.stock_daily as t
            (product_id, location_id, day, transaction_type, quantity, movements)
        select s.product_id, s.location_id, s.day, s.transaction_type,
            trim_scale(s.quantity), s.movements
        from summed as s
        on conflict on constraint stock_daily_key do update set
            quantity = trim_scale(t.quantity + excluded.quantity),
            movements = t.movements + excluded.movements
    ),
    total as (
        insert into stocksync.stock_total as t (product_id, location_id, quantity, movements)
        select s.product_id, s.location_id, trim_scale(sum(s.quantity)), sum(s.movements)
        from summed as s
        group by 1, 2
        on conflict on constraint stock_total_key do update set
            quantity = trim_scale(t.quantity + excluded.quantity),
            movements = t.movements + excluded.movements
    )
    select count(*) into v_drained from drained;

    return v_drained;
end;
$function$;

comment on function stocksync.roll_up() is
    'Drains the journal into stock_daily and stock_total and returns the number of journal rows drained; null if another roll-up or a correction is running.';
