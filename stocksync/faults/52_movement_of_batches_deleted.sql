-- A movement of a product that tracks batches is deleted behind the triggers.
-- expect: YOGURT on_hand_vs_ledger movements_deleted
-- expect: YOGURT location_vs_ledger movements_deleted
-- expect: YOGURT roll_up_vs_ledger movements_deleted
-- expect: YOGURT on_hand_vs_batches movements_deleted
-- fix: fields, batches

set session_replication_role = replica;
delete from stock_movements where product_id = (select id from products where sku = 'YOGURT') and quantity = 40;
