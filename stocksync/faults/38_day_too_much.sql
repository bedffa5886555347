-- A day is added to the roll-up on which nothing moved.
-- expect: NOTHING roll_up_vs_ledger roll_up_changed
-- fix: fields

set session_replication_role = replica;
insert into stocksync.stock_daily (product_id, day, transaction_type, quantity, movements)
select id, current_date - 5, 'purchase', 3, 1 from products where sku = 'NOTHING';
