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
    v_reduced bigint[];
    v_is_past boolean;
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
        -- what only changed its batch
        having sum(l.quantity) <> 0 or sum(l.movements) <> 0
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
        insert into stocksync.stock_total as t (
            product_id, location_id, quantity, movements, quantity_in, first_on, last_on,
            last_count_on
        )
        select s.product_id, s.location_id, trim_scale(sum(s.quantity)), sum(s.movements),
            trim_scale(coalesce(sum(s.quantity) filter (where y.movement_type = 'in'), 0)),
            min(s.day) filter (where s.movements > 0),
            max(s.day) filter (where s.movements > 0),
            max(s.day) filter (where s.movements > 0 and y.counts_as = 'count')
        from summed as s
        left join public.transaction_types as y on y.name = s.transaction_type
        group by 1, 2
        on conflict on constraint stock_total_key do update set
            quantity = trim_scale(t.quantity + excluded.quantity),
            movements = t.movements + excluded.movements,
            quantity_in = trim_scale(t.quantity_in + excluded.quantity_in),
            first_on = least(t.first_on, excluded.first_on),
            last_on = greatest(t.last_on, excluded.last_on),
            last_count_on = greatest(t.last_count_on, excluded.last_count_on)
    )
    select
        (select count(*) from drained),
        (select array_agg(distinct s.product_id) from summed as s where s.movements < 0),
        exists (select from summed as s where s.day < stocksync._shop_day())
    into v_drained, v_reduced, v_is_past;

    -- A sum can be taken from, a first or last day cannot.
    if v_reduced is not null then
        perform stocksync._recount_days(v_reduced);
    end if;

    if v_drained > 0 then
        update stocksync._roll_up_version
        set version = version + 1,
            past_version = past_version + v_is_past::integer;
    end if;
    return v_drained;
end;
$function$;

comment on function stocksync.roll_up() is
    'Drains the journal into stock_daily and stock_total and returns the number of journal rows drained; null if another roll-up or a correction is running.';
