-- A movement is given to another product behind the triggers.
-- expect: CUP on_hand_vs_ledger movements_changed
-- expect: CUP location_vs_ledger movements_changed
-- expect: CUP roll_up_vs_ledger movements_changed
-- expect: NEW on_hand_vs_ledger movements_changed
-- expect: NEW location_vs_ledger movements_changed
-- expect: NEW roll_up_vs_ledger movements_changed
-- fix: fields

set session_replication_role = replica;
update stock_movements set product_id = (select id from products where sku = 'NEW')
where product_id = (select id from products where sku = 'CUP') and transaction_type = 'purchase';
