-- All batches of a product are deleted, with what went through them.
-- expect: YOGURT on_hand_vs_batches batches_changed
-- fix: batches

set session_replication_role = replica;
delete from batch_receipts where batch_id in (select id from stock_batches where product_id = (select id from products where sku = 'YOGURT'));
delete from batch_consumptions where batch_id in (select id from stock_batches where product_id = (select id from products where sku = 'YOGURT'));
delete from stock_batches where product_id = (select id from products where sku = 'YOGURT');
