-- Somebody updates quantity_on_hand.
-- expect: KETTLE on_hand_vs_ledger manual_update
-- expect: KETTLE stock_vs_total_stock manual_update
-- fix: fields

update products set quantity_on_hand = quantity_on_hand + 7 where sku = 'KETTLE';
