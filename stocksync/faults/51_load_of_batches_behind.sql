-- Movements of a product that tracks batches are loaded with the triggers off.
-- expect: HONEY on_hand_vs_ledger load_bypassed_triggers
-- expect: HONEY location_vs_ledger load_bypassed_triggers
-- expect: HONEY roll_up_vs_ledger load_bypassed_triggers
-- expect: HONEY on_hand_vs_batches load_bypassed_triggers
-- fix: fields, batches

set session_replication_role = replica;
insert into stock_movements (product_id, movement_type, transaction_type, quantity)
select id, 'in', 'purchase', 9 from products where sku = 'HONEY';
insert into stock_movements (product_id, movement_type, transaction_type, quantity)
select id, 'out', 'sale', 4 from products where sku = 'HONEY';
