-- The API does not take off what it says is reserved.
-- expect: CUP on_hand_vs_api reservation
-- cure: the shop publishes again

update scratch.api set reserved = '3' where id = (select id from products where sku = 'CUP')::text;
