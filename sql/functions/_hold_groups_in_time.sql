-- For whoever holds a product already: the other way round than writers lock. So it gives way before
-- the server would choose one of the two (after its deadlock_timeout: 1 second, as a rule).

create or replace function stocksync._hold_groups_in_time(p_product_ids bigint[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '900ms'
as $function$
begin
    perform set_config('lock_timeout', ceil(
        extract(epoch from current_setting('deadlock_timeout')::interval) * 900
    )::text, true);
    perform stocksync._hold_groups(p_product_ids);
exception when lock_not_available then
    raise exception 'movements of product % are being written', p_product_ids[1]
        using errcode = 'lock_not_available',
              hint = 'Try again. To change how products settle, stocksync.use_mode() waits for them.',
              schema = 'public', table = 'products', column = 'contention';
end;
$function$;

comment on function stocksync._hold_groups_in_time(bigint[]) is
    'stocksync._hold_groups(), or lock_not_available if that takes longer than nine tenths of deadlock_timeout.';
