-- A product with stock is marked as deleted, so that the API does not show it.
-- expect: CUP missing_from_api deleted
-- cure: the shop publishes again
-- fix: missing

update products set is_deleted = true where sku = 'CUP';
select scratch.publish();
