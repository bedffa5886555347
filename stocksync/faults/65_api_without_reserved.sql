-- The API shows what is not reserved.
-- expect: CUP on_hand_vs_api reservation
-- cure: the shop publishes again

update scratch.api set quantity = (quantity::numeric - 3)::text, reserved = '3' where id = (select id from products where sku = 'CUP')::text;
