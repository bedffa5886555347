-- Leaves a change beside a product that is not to be waited for. Who finds one busy that was not says
-- so, and the product is left alone for a while: each update of it leaves a version that nobody can
-- remove while a long report runs, and makes the next one slower.

create or replace function stocksync._append(
    p_product_id bigint,
    p_quantity numeric,
    p_is_busy boolean
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into stocksync._pending (product_id, quantity) values (p_product_id, p_quantity);

    -- Two who say so at once would wait for each other.
    if p_is_busy
        and pg_try_advisory_xact_lock(stocksync._lock_key('hot ' || p_product_id))
    then
        insert into stocksync._hot (product_id, fold_at)
        values (p_product_id, clock_timestamp() + interval '0.2 seconds')
        on conflict do nothing;
    end if;
end;
$function$;

comment on function stocksync._append(bigint, numeric, boolean) is
    'Leaves so many units to be added to the product. p_is_busy: somebody holds it who was not known to. The caller shares the lock of its group.';
