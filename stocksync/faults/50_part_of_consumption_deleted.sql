-- A part of what a movement took out of its batches is deleted.
-- expect: HONEY batch_vs_movements batches_changed
-- fix: batches

set session_replication_role = replica;
delete from batch_consumptions
where batch_id = (select id from stock_batches where batch_number = 'H2') and quantity = 5;
