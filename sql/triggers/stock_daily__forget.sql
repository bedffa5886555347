-- What the reports keep of a day is as good as that day in stock_daily: whatever changes it, by
-- whatever way, removes what was made of it, in the same transaction. So what is kept can be relied
-- on in every snapshot. Today's rows, nearly all there are, find nothing to remove.

create or replace function stocksync.tg_stock_daily__forget()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    if tg_op = 'TRUNCATE' then
        delete from stocksync._product_window;
        delete from stocksync._day_total;
        return null;
    end if;

    delete from stocksync._product_window as w
    using changed as c
    where w.product_id = c.product_id and w.today > c.day;

    delete from stocksync._day_total as t
    where t.day in (select c.day from changed as c);
    return null;
end;
$function$;

comment on function stocksync.tg_stock_daily__forget() is
    'Removes what _product_window and _day_total have of the days and products that change.';

create or replace trigger _500_forget_inserted
    after insert on stocksync.stock_daily
    referencing new table as changed
    for each statement
    execute function stocksync.tg_stock_daily__forget();

comment on trigger _500_forget_inserted on stocksync.stock_daily is
    'Removes what was kept of days that get another row.';

create or replace trigger _500_forget_updated
    after update on stocksync.stock_daily
    referencing new table as changed
    for each statement
    execute function stocksync.tg_stock_daily__forget();

comment on trigger _500_forget_updated on stocksync.stock_daily is
    'Removes what was kept of days that change.';

create or replace trigger _500_forget_deleted
    after delete on stocksync.stock_daily
    referencing old table as changed
    for each statement
    execute function stocksync.tg_stock_daily__forget();

comment on trigger _500_forget_deleted on stocksync.stock_daily is
    'Removes what was kept of days that lose a row.';

create or replace trigger _500_forget_truncated
    after truncate on stocksync.stock_daily
    for each statement
    execute function stocksync.tg_stock_daily__forget();

comment on trigger _500_forget_truncated on stocksync.stock_daily is
    'Removes all that was kept.';
