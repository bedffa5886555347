-- The row of a product that tracks batches is deleted behind the triggers.
-- expect: YOGURT orphan_movement product_row_missing
-- fix: ledger

set session_replication_role = replica;
delete from products where sku = 'YOGURT';
