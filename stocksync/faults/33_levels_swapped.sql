-- The levels of two places are exchanged by hand.
-- expect: TEA location_vs_ledger roll_up_changed
-- fix: fields

set session_replication_role = replica;
update stocksync.stock_total as t
set quantity = (
    select o.quantity from stocksync.stock_total as o
    where o.product_id = t.product_id and o.location_id <> t.location_id
)
where t.product_id = (select id from products where sku = 'TEA');
