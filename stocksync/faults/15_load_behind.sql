-- Movements are loaded with the triggers off.
-- expect: NEW on_hand_vs_ledger load_bypassed_triggers
-- expect: NEW location_vs_ledger load_bypassed_triggers
-- expect: NEW roll_up_vs_ledger load_bypassed_triggers
-- fix: fields

set session_replication_role = replica;
insert into stock_movements (product_id, movement_type, transaction_type, quantity)
select p.id, 'in', 'purchase', n from products as p, generate_series(1, 20) as n where p.sku = 'NEW';
