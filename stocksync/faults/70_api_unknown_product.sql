-- The API shows a product that the shop does not have.
-- expect: api:4711 unknown_to_shop unknown_product
-- cure: the shop publishes again

insert into scratch.api (id, quantity) values ('4711', '3');
