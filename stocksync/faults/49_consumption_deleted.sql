-- What a movement took out of its batches is deleted.
-- expect: YOGURT batch_vs_movements batches_changed
-- fix: batches

set session_replication_role = replica;
delete from batch_consumptions
where movement_id = (select id from stock_movements where product_id = (select id from products where sku = 'YOGURT') and quantity = 40);
