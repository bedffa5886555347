-- The stock is changed with the triggers off.
-- expect: KETTLE on_hand_vs_ledger changed_behind_triggers
-- fix: fields

set session_replication_role = replica;
update products set quantity_on_hand = 5, total_stock = 5 where sku = 'KETTLE';
