-- The API leaves a product out that is active and has stock.
-- expect: CUP missing_from_api filtered
-- cure: the shop publishes again

delete from scratch.api where id = (select id from products where sku = 'CUP')::text;
