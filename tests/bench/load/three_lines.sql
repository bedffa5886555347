\set first random(1, :products)
\set second random(1, :products)
\set third random(1, :products)
\set quantity random(1, 9)
begin;
insert into stock_movements (product_id, movement_type, transaction_type, quantity)
values (:first, 'out', 'sale', :quantity);
insert into stock_movements (product_id, movement_type, transaction_type, quantity)
values (:second, 'out', 'sale', :quantity);
insert into stock_movements (product_id, movement_type, transaction_type, quantity)
values (:third, 'out', 'sale', :quantity);
end;
