-- What is kept of archived movements is changed by hand.
-- expect: ROPE on_hand_vs_ledger movements_changed
-- expect: ROPE location_vs_ledger movements_changed
-- expect: ROPE roll_up_vs_ledger movements_changed
-- expect: ROPE closing_vs_ledger closed_movements_changed
-- fix: fields, ledger

set session_replication_role = replica;
update stocksync.archived_daily set quantity = quantity + 5 where transaction_type = 'opening_stock';
