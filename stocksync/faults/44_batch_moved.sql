-- A batch is put at another place by hand.
-- expect: YOGURT on_hand_vs_batches batches_changed
-- fix: batches

set session_replication_role = replica;
update stock_batches set location_id = (select id from locations where name = 'shop')
where batch_number = 'Y2';
