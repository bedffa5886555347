-- The trigger that notices manual updates is disabled, and somebody updates the stock.
-- expect: CUP on_hand_vs_ledger trigger_disabled
-- cure: stocksync migrate --force
-- fix: fields

alter table products disable trigger _500_guard_update;
update products set quantity_on_hand = 5, total_stock = 5 where sku = 'CUP';
