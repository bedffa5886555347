-- A product and its movements are deleted behind the triggers; the roll-up stays.
-- expect: NEW location_vs_ledger movements_deleted
-- expect: NEW roll_up_vs_ledger movements_deleted
-- fix: fields

set session_replication_role = replica;
delete from stock_movements where product_id = (select id from products where sku = 'NEW');
delete from products where sku = 'NEW';
