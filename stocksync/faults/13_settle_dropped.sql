-- The trigger that settles is dropped: what is captured does not reach the stock.
-- expect: KETTLE on_hand_vs_ledger trigger_missing
-- cure: stocksync migrate --force
-- fix: fields

drop trigger _500_settle on stocksync._journal;
insert into stock_movements (product_id, transaction_type, quantity)
select id, 'sale', 2 from products where sku = 'KETTLE';
