-- A movement is deleted behind the triggers.
-- expect: CUP on_hand_vs_ledger movements_deleted
-- expect: CUP location_vs_ledger movements_deleted
-- expect: CUP roll_up_vs_ledger movements_deleted
-- fix: fields

set session_replication_role = replica;
delete from stock_movements where product_id = (select id from products where sku = 'CUP') and transaction_type = 'purchase';
