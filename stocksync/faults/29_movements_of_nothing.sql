-- Movements are loaded of a product that never was.
-- expect: #999 orphan_movement product_row_missing
-- expect: #999 location_vs_ledger load_bypassed_triggers
-- expect: #999 roll_up_vs_ledger load_bypassed_triggers
-- fix: ledger

set session_replication_role = replica;
insert into stock_movements (product_id, movement_type, transaction_type, quantity) values (999, 'in', 'purchase', 9);
