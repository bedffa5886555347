do $$
begin
    if exists (select from stocksync.archives as a where a.restored_at is null) then
        raise exception 'movements are archived'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Rolling back would lose their stock. Run "stocksync archive --restore FILE" first.';
    end if;
    if exists (select from stocksync.snapshots) or exists (select from stocksync.closings) then
        raise exception 'there are closings or snapshots'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Rolling back would lose them. If you mean it, delete them first.';
    end if;
end
$$;
drop table stocksync.archived_keys, stocksync.archived_daily, stocksync.archives,
    stocksync._back_dated, stocksync._passes, stocksync._closed, stocksync.closings,
    stocksync.snapshot_balances, stocksync.snapshots cascade;
alter table stocksync.runs drop column movement_ids cascade;
drop type stocksync._effect cascade;
drop index public.products_refuse_negative_idx, stocksync.movement_history_replaced_at_idx;
delete from stocksync.movement_history where operation = 'late';
alter table stocksync.movement_history
    drop constraint movement_history_operation_known,
    add constraint movement_history_operation_known
        check (operation in ('update', 'delete', 'truncate'));
alter table stocksync.settings drop column late_movements cascade;
-- What the new version's history trigger is: deploying the older one puts back its own.
drop trigger if exists _500_history_of_delete on public.stock_movements;
