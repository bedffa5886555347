-- A movement of a closed time is deleted behind the triggers.
-- expect: KETTLE on_hand_vs_ledger movements_deleted
-- expect: KETTLE location_vs_ledger movements_deleted
-- expect: KETTLE roll_up_vs_ledger movements_deleted
-- expect: KETTLE closing_vs_ledger closed_movements_changed
-- fix: fields, ledger

set session_replication_role = replica;
delete from stock_movements where product_id = (select id from products where sku = 'KETTLE') and transaction_type = 'opening_stock';
