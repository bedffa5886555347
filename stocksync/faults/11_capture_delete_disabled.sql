-- The trigger that captures deletions is disabled, and a movement is deleted.
-- expect: KETTLE on_hand_vs_ledger trigger_disabled
-- expect: KETTLE location_vs_ledger trigger_disabled
-- expect: KETTLE roll_up_vs_ledger trigger_disabled
-- cure: stocksync migrate --force
-- fix: fields

alter table stock_movements disable trigger _500_capture_delete;
delete from stock_movements where product_id = (select id from products where sku = 'KETTLE') and transaction_type = 'purchase';
