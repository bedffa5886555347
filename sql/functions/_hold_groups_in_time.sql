-- For whoever holds a product already: the other way round than writers lock. So it gives way.

create or replace function stocksync._hold_groups_in_time(p_product_ids bigint[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- back to what it was at the end
set lock_timeout = 0
as $function$
begin
    perform stocksync._be_impatient();
    perform stocksync._keep_modes();
    perform stocksync._hold_groups(p_product_ids) where p_product_ids <> '{}';
exception when lock_not_available then
    perform stocksync._say_busy(p_product_ids);
end;
$function$;

comment on function stocksync._hold_groups_in_time(bigint[]) is
    'stocksync._keep_modes() and, unless there are none, stocksync._hold_groups(); or lock_not_available if that takes longer than four tenths of deadlock_timeout.';
