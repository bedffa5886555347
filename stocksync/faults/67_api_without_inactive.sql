-- A product with stock is inactive, so that the API does not show it.
-- expect: CUP missing_from_api inactive
-- cure: the shop publishes again
-- fix: missing

update products set status = 'inactive' where sku = 'CUP';
select scratch.publish();
