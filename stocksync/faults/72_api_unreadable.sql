-- The API shows something that is no quantity.
-- expect: CUP unreadable_in_api unreadable
-- cure: the shop publishes again

update scratch.api set quantity = 'plenty' where id = (select id from products where sku = 'CUP')::text;
