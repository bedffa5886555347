-- Nothing is lost: what is kept there is made of stock_daily.
drop function if exists stocksync.tg_stock_daily__forget() cascade;
drop table stocksync._product_window, stocksync._day_total cascade;
