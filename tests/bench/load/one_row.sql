\set product random(1, :products)
\set quantity random(1, 9)
insert into stock_movements (product_id, movement_type, transaction_type, quantity)
values (:product, 'out', 'sale', :quantity);
