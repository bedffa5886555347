-- The balance that a closing keeps is changed by hand.
-- expect: CUP closing_vs_ledger closed_movements_changed
-- fix: ledger

set session_replication_role = replica;
update stocksync.snapshot_balances as b set quantity = b.quantity + 5
from stocksync.closings as c
where c.snapshot_id = b.snapshot_id and b.product_id = (select id from products where sku = 'CUP');
