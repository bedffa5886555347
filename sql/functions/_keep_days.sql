-- Keeps what the reports need of the days that are over. Once a day that means to sum them all,
-- otherwise only where something dated before today has changed: then a trigger of stock_daily has
-- removed what was kept.

create or replace function stocksync._keep_days(p_input text)
returns bigint
language plpgsql
volatile
security definer -- nobody writes what is derived by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_today constant date := stocksync._shop_day();
    v_first_day constant date := stocksync._report_from();
    v_products bigint;
    v_days bigint;
begin
    if (select count(*) from stocksync.view_refreshes as r where r.input = p_input)
        = cardinality(stocksync._views())
    then
        return 0; -- no report is about to be made anew
    end if;

    -- A roll-up between the summing and the end of this transaction would not find what to remove.
    if not pg_try_advisory_xact_lock(stocksync._lock_key('roll_up')) then
        return null;
    end if;

    delete from stocksync._product_window as w
    where w.today <> v_today
        or w.first_day <> v_first_day
        or not exists (select from public.products as p where p.id = w.product_id);

    insert into stocksync._product_window
    select s.*
    from stocksync._sum_windows(array(
        select p.id
        from public.products as p
        where not exists (
            select from stocksync._product_window as w where w.product_id = p.id
        )
    )) as s;
    get diagnostics v_products = row_count;

    insert into stocksync._day_total
    select t.*
    from stocksync._day_totals() as t
    where t.day < v_today
        and not exists (select from stocksync._day_total as k where k.day = t.day);
    get diagnostics v_days = row_count;

    return v_products + v_days;
end;
$function$;

comment on function stocksync._keep_days(text) is
    'Keeps what is not kept of the days before today, unless the materialized views were last refreshed from this input. Returns the number of rows; null if a roll-up or a correction is running.';
