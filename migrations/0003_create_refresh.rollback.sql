do $$
begin
    if exists (select from stocksync._pending) then
        raise exception 'changes of stock wait for a busy product'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Rolling back would lose them. Run "call stocksync.refresh()" first.';
    end if;
end
$$;
drop table stocksync._pending, stocksync._roll_up_version, stocksync.view_refreshes,
    stocksync.findings cascade;
drop index stocksync.runs_command_started_at_idx, stocksync.stock_daily_day_idx,
    stocksync.stock_total_location_id_idx;
alter table stocksync.runs
    drop column pid,
    drop column seen_at,
    drop column products_found,
    drop column cost;
alter table stocksync.settings
    drop column report_days cascade,
    drop column keep_log,
    drop column refresh_late_after,
    drop column pending_late_after;
alter table stocksync.stock_total
    drop column quantity_in cascade,
    drop column first_on cascade,
    drop column last_on cascade,
    drop column last_count_on cascade;
drop trigger if exists _500_counts_as on public.transaction_types;
alter table public.transaction_types drop column counts_as cascade;
