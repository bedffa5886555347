-- The API is late, and right when it is read again.
-- expect: CUP lag api_lag
-- cure: the shop publishes again

insert into stock_movements (product_id, transaction_type, quantity)
select id, 'sale', 2 from products where sku = 'CUP';
insert into scratch.catching_up default values;
