-- For whoever holds products already: the other way round than writers lock. So it gives way.

create or replace function stocksync._hold_groups_in_time(p_products public.products[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- back to what it was at the end
set lock_timeout = 0
as $function$
declare
    v_ids bigint[];
begin
    perform stocksync._be_impatient();
    perform stocksync._keep_modes();

    v_ids := array(
        select p.id
        from unnest(p_products) as p
        cross join stocksync.settings as s
        where stocksync._settles_as(p, s) in ('never_wait', 'escrow')
    );
    perform stocksync._hold_groups(v_ids) where v_ids <> '{}';
exception when lock_not_available then
    perform stocksync._say_busy(v_ids);
end;
$function$;

comment on function stocksync._hold_groups_in_time(public.products[]) is
    'stocksync._keep_modes(), and stocksync._hold_groups() for those of the products beside which changes may be left; or lock_not_available if that takes longer than four tenths of deadlock_timeout.';
