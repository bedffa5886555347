-- A correction is taken back.
-- expect: KETTLE on_hand_vs_ledger correction_undone
-- expect: KETTLE stock_vs_total_stock correction_undone
-- fix: fields

update products set quantity_on_hand = quantity_on_hand + 7 where sku = 'KETTLE';
call stocksync.sync();
do $$
declare
    v_run_id bigint := (select max(id) from stocksync.runs);
begin
    call stocksync.undo(v_run_id, p_undo_run_id => v_run_id);
end
$$;
