-- A level of the roll-up is changed by hand.
-- expect: TEA location_vs_ledger roll_up_changed
-- fix: fields

set session_replication_role = replica;
update stocksync.stock_total set quantity = quantity + 5
where product_id = (select id from products where sku = 'TEA') and location_id = (select id from locations where name = 'shop');
