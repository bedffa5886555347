-- Movements are loaded with the triggers off, and somebody updates the stock as well.
-- expect: NEW on_hand_vs_ledger load_bypassed_triggers
-- expect: NEW location_vs_ledger load_bypassed_triggers
-- expect: NEW roll_up_vs_ledger load_bypassed_triggers
-- expect: NEW on_hand_vs_ledger manual_update
-- fix: fields

update products set quantity_on_hand = 5, total_stock = 5 where sku = 'NEW';
set session_replication_role = replica;
insert into stock_movements (product_id, movement_type, transaction_type, quantity)
select id, 'in', 'purchase', 9 from products where sku = 'NEW';
