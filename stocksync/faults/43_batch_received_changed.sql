-- What was received of a batch is changed by hand.
-- expect: HONEY batch_vs_movements batches_changed
-- fix: batches

set session_replication_role = replica;
update stock_batches set quantity_received = quantity_received + 4 where batch_number = 'H2';
