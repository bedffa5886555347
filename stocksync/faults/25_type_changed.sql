-- The type of a movement is changed behind the triggers.
-- expect: CUP roll_up_vs_ledger movements_changed
-- fix: fields

set session_replication_role = replica;
update stock_movements set transaction_type = 'recovery_found'
where product_id = (select id from products where sku = 'CUP') and transaction_type = 'purchase';
