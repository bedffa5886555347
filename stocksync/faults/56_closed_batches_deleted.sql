-- The movement of a closed time that brought a batch is deleted behind the triggers.
-- expect: HONEY on_hand_vs_ledger movements_deleted
-- expect: HONEY location_vs_ledger movements_deleted
-- expect: HONEY roll_up_vs_ledger movements_deleted
-- expect: HONEY on_hand_vs_batches movements_deleted
-- expect: HONEY closing_vs_ledger closed_movements_changed
-- fix: fields, batches, ledger

set session_replication_role = replica;
delete from stock_movements where product_id = (select id from products where sku = 'HONEY') and batch_number = 'H2';
