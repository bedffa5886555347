-- total_stock is infinite.
-- expect: TEA stock_vs_total_stock changed_behind_triggers
-- fix: fields

set session_replication_role = replica;
update products set total_stock = 'Infinity' where sku = 'TEA';
