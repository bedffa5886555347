-- The trigger that captures movements is disabled, and movements go on.
-- expect: KETTLE on_hand_vs_ledger trigger_disabled
-- expect: KETTLE location_vs_ledger trigger_disabled
-- expect: KETTLE roll_up_vs_ledger trigger_disabled
-- cure: stocksync migrate --force
-- fix: fields

alter table stock_movements disable trigger _500_capture_insert;
insert into stock_movements (product_id, transaction_type, quantity)
select id, 'sale', 2 from products where sku = 'KETTLE';
