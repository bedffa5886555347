-- A change waits for a product that has it already.
-- expect: KETTLE on_hand_vs_ledger changed_behind_triggers
-- fix: fields

set session_replication_role = replica;
insert into stocksync._pending (product_id, quantity) select id, 3 from products where sku = 'KETTLE';
