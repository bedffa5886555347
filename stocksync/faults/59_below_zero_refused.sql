-- A product that is below zero may not be any more.
-- expect: OWED negative rule_changed
-- fix: ledger

update products set allow_negative = false where sku = 'OWED';
