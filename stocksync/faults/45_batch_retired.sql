-- A batch is retired by hand.
-- expect: HONEY on_hand_vs_batches batches_changed
-- expect: HONEY batch_vs_movements batches_changed
-- fix: batches

set session_replication_role = replica;
update stock_batches set status = 'retired' where batch_number = 'H2';
