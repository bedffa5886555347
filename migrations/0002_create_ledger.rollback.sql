do $$
begin
    if exists (select from public.stock_movements) or exists (select from public.products) then
        raise exception 'the ledger is not empty'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Rolling back would lose products and movements. Back them up and delete them first.';
    end if;
end
$$;
drop table stocksync.incidents, stocksync.runs, stocksync.log, stocksync.movement_history,
    stocksync.settings, stocksync.stock_total, stocksync.stock_daily, stocksync._journal,
    stocksync._unsettled, public.stock_movements, public.transaction_types, public.locations,
    public.products cascade;
drop type stocksync._line cascade;
