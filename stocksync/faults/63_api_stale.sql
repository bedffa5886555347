-- The API shows the stock as it was before the last movement.
-- expect: CUP on_hand_vs_api api_cache
-- cure: the shop publishes again

insert into stock_movements (product_id, transaction_type, quantity)
select id, 'sale', 2 from products where sku = 'CUP';
