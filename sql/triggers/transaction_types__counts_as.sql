-- What counts as a physical count says when a product was last counted: found anew where a type
-- begins or ceases to be one.

create or replace function stocksync.tg_transaction_types__counts_as()
returns trigger
language plpgsql
security definer -- nobody writes the roll-up by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform pg_advisory_xact_lock(stocksync._lock_key('roll_up'));
    perform stocksync._recount_days(null);
    return null;
end;
$function$;

comment on function stocksync.tg_transaction_types__counts_as() is
    'Finds anew when each product was last counted.';

create or replace trigger _500_counts_as
    after update of counts_as on public.transaction_types
    for each row
    when (
        old.counts_as is distinct from new.counts_as
        and 'count' in (old.counts_as, new.counts_as)
    )
    execute function stocksync.tg_transaction_types__counts_as();

comment on trigger _500_counts_as on public.transaction_types is
    'Finds anew when each product was last counted.';
