-- Somebody updates total_stock.
-- expect: KETTLE stock_vs_total_stock manual_update
-- fix: fields

update products set total_stock = 1000 where sku = 'KETTLE';
