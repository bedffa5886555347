-- What a movement brought into a batch is deleted.
-- expect: HONEY batch_vs_movements batches_changed
-- fix: batches

set session_replication_role = replica;
delete from batch_receipts where batch_id = (select id from stock_batches where batch_number = 'H2');
