-- All movements of a product are deleted behind the triggers.
-- expect: NEW on_hand_vs_ledger movements_deleted
-- expect: NEW location_vs_ledger movements_deleted
-- expect: NEW roll_up_vs_ledger movements_deleted
-- fix: fields

set session_replication_role = replica;
delete from stock_movements where product_id = (select id from products where sku = 'NEW');
