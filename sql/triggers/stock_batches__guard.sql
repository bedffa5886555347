-- Refuses whoever changes batches by hand.

create or replace trigger _100_guard
    before insert or update or delete or truncate on public.stock_batches
    for each statement
    when (
        pg_trigger_depth() = 0
        or not has_table_privilege('stocksync._journal'::regclass, 'insert')
    )
    execute function stocksync._guard_batches();

comment on trigger _100_guard on public.stock_batches is
    'Refuses changes by hand.';
