-- The journal is emptied before it was rolled up.
-- expect: KETTLE location_vs_ledger roll_up_changed
-- expect: KETTLE roll_up_vs_ledger roll_up_changed
-- expect: TEA location_vs_ledger roll_up_changed
-- expect: TEA roll_up_vs_ledger roll_up_changed
-- expect: HONEY location_vs_ledger roll_up_changed
-- expect: HONEY roll_up_vs_ledger roll_up_changed
-- fix: fields

set session_replication_role = replica;
delete from stocksync._journal;
