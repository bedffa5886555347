-- What remains of a batch is changed by hand.
-- expect: HONEY batch_vs_movements batches_changed
-- expect: HONEY on_hand_vs_batches batches_changed
-- fix: batches

set session_replication_role = replica;
update stock_batches set quantity_remaining = quantity_remaining + 4 where batch_number = 'H2';
