-- A movement of a product that tracks batches is changed behind the triggers.
-- expect: YOGURT on_hand_vs_ledger movements_changed
-- expect: YOGURT location_vs_ledger movements_changed
-- expect: YOGURT roll_up_vs_ledger movements_changed
-- expect: YOGURT on_hand_vs_batches movements_changed
-- expect: YOGURT batch_vs_movements movements_changed
-- fix: fields, batches

set session_replication_role = replica;
update stock_movements set quantity = 30 where product_id = (select id from products where sku = 'YOGURT') and quantity = 40;
