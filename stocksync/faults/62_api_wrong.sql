-- The API shows a quantity that the product never had.
-- expect: CUP on_hand_vs_api unknown
-- cure: the shop publishes again

update scratch.api set quantity = '12345' where id = (select id from products where sku = 'CUP')::text;
