-- Refuses whoever changes what movements took from batches by hand.

create or replace trigger _100_guard
    before insert or update or delete or truncate on public.batch_consumptions
    for each statement
    when (
        pg_trigger_depth() = 0
        or not has_table_privilege('stocksync._journal'::regclass, 'insert')
    )
    execute function stocksync._guard_batches();

comment on trigger _100_guard on public.batch_consumptions is
    'Refuses changes by hand.';
