-- No stock may be below zero any more, and one is.
-- expect: OWED negative rule_changed
-- fix: ledger

update stocksync.settings set allow_negative = false;
