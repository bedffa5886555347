-- The trigger that settles the later statements of a transaction is disabled.
-- expect: CUP on_hand_vs_ledger trigger_disabled
-- expect: CUP location_vs_ledger trigger_disabled
-- expect: CUP roll_up_vs_ledger trigger_disabled
-- cure: stocksync migrate --force
-- fix: fields

alter table stocksync._unsettled disable trigger _500_settle;
begin;
insert into stock_movements (product_id, transaction_type, quantity)
select id, 'sale', 2 from products where sku = 'KETTLE';
set constraints all immediate;
insert into stock_movements (product_id, transaction_type, quantity)
select id, 'sale', 2 from products where sku = 'CUP';
commit;
