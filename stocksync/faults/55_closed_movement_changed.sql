-- A movement of a closed time is changed behind the triggers.
-- expect: CUP on_hand_vs_ledger movements_changed
-- expect: CUP location_vs_ledger movements_changed
-- expect: CUP roll_up_vs_ledger movements_changed
-- expect: CUP closing_vs_ledger closed_movements_changed
-- fix: fields, ledger

set session_replication_role = replica;
update stock_movements set quantity = 80 where product_id = (select id from products where sku = 'CUP') and transaction_type = 'opening_stock';
