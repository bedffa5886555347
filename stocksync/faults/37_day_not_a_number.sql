-- A day of the roll-up is no number.
-- expect: CUP roll_up_vs_ledger roll_up_changed
-- fix: fields

set session_replication_role = replica;
update stocksync.stock_daily set quantity = 'NaN'
where product_id = (select id from products where sku = 'CUP') and transaction_type = 'purchase';
