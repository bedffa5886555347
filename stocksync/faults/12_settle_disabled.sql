-- The trigger that settles is disabled: what is captured does not reach the stock.
-- expect: KETTLE on_hand_vs_ledger trigger_disabled
-- cure: stocksync migrate --force
-- fix: fields

alter table stocksync._journal disable trigger _500_settle;
insert into stock_movements (product_id, transaction_type, quantity)
select id, 'sale', 2 from products where sku = 'KETTLE';
