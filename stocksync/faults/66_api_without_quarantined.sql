-- The API shows what is not in quarantine.
-- expect: HONEY on_hand_vs_api not_sellable
-- cure: the shop publishes again

select stocksync.quarantine_batch(product_id, batch_number) from stock_batches where batch_number = 'H2';
update scratch.api set quantity = (
    select sum(quantity_remaining)::text from stock_batches where product_id = (select id from products where sku = 'HONEY') and status = 'active'
)
where id = (select id from products where sku = 'HONEY')::text;
