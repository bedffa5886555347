-- The API shows a product twice.
-- expect: CUP duplicate_in_api duplicate_id
-- cure: the shop publishes again

insert into scratch.api select * from scratch.api where id = (select id from products where sku = 'CUP')::text;
