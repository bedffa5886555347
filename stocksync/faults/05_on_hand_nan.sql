-- The stock is no number.
-- expect: KETTLE on_hand_vs_ledger changed_behind_triggers
-- expect: KETTLE stock_vs_total_stock changed_behind_triggers
-- fix: fields

set session_replication_role = replica;
update products set quantity_on_hand = 'NaN' where sku = 'KETTLE';
