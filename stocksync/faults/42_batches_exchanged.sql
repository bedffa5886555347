-- What remains of two batches is exchanged: the sum is right.
-- expect: YOGURT batch_vs_movements batches_changed
-- fix: batches

set session_replication_role = replica;
update stock_batches as b
set quantity_remaining = (
    select o.quantity_remaining from stock_batches as o
    where o.product_id = b.product_id and o.location_id = b.location_id and o.id <> b.id
)
where b.product_id = (select id from products where sku = 'YOGURT') and b.location_id = (select id from locations where name = 'store');
