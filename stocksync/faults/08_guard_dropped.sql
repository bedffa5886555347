-- The trigger that notices manual updates is dropped, and somebody updates the stock.
-- expect: CUP on_hand_vs_ledger trigger_missing
-- cure: stocksync migrate --force
-- fix: fields

drop trigger _500_guard_update on products;
update products set quantity_on_hand = 5, total_stock = 5 where sku = 'CUP';
