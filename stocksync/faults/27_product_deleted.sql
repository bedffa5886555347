-- The row of a product is deleted behind the triggers; its movements stay.
-- expect: NEW orphan_movement product_row_missing
-- fix: ledger

set session_replication_role = replica;
delete from products where sku = 'NEW';
