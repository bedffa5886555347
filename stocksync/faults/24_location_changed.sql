-- A movement is given to another place behind the triggers.
-- expect: TEA location_vs_ledger movements_changed
-- expect: TEA roll_up_vs_ledger movements_changed
-- fix: fields

set session_replication_role = replica;
update stock_movements set location_id = (select id from locations where name = 'store')
where product_id = (select id from products where sku = 'TEA') and transaction_type = 'sale' and quantity = 1.25;
