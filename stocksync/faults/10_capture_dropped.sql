-- The trigger that captures movements is dropped, and movements go on.
-- expect: KETTLE on_hand_vs_ledger trigger_missing
-- expect: KETTLE location_vs_ledger trigger_missing
-- expect: KETTLE roll_up_vs_ledger trigger_missing
-- cure: stocksync migrate --force
-- fix: fields

drop trigger _500_capture_insert on stock_movements;
insert into stock_movements (product_id, transaction_type, quantity)
select id, 'sale', 2 from products where sku = 'KETTLE';
