-- A batch is deleted.
-- expect: HONEY on_hand_vs_batches batches_changed
-- expect: HONEY batch_vs_movements batches_changed
-- fix: batches

set session_replication_role = replica;
delete from stock_batches where batch_number = 'H2';
