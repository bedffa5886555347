-- Somebody updates quantity_on_hand and total_stock alike.
-- expect: YOGURT on_hand_vs_ledger manual_update
-- fix: fields

update products set quantity_on_hand = 5, total_stock = 5 where sku = 'YOGURT';
