-- Movements are loaded while the table's triggers are disabled, and then enabled again.
-- expect: NOTHING on_hand_vs_ledger load_bypassed_triggers
-- expect: NOTHING location_vs_ledger load_bypassed_triggers
-- expect: NOTHING roll_up_vs_ledger load_bypassed_triggers
-- fix: fields

alter table stock_movements disable trigger user;
insert into stock_movements (product_id, movement_type, transaction_type, quantity)
select id, 'in', 'purchase', 9 from products where sku = 'NOTHING';
alter table stock_movements enable trigger user;
