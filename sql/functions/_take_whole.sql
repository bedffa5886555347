-- Locks a product in escrow and takes all its slots back. Whoever holds one and comes for the product
-- next, as it sells twice and settles in between, would wait for this as this waits for it: so this gives
-- way, and tries again.

create or replace function stocksync._take_whole(p_product_id bigint)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_timeout constant text := current_setting('lock_timeout');
    v_until constant timestamptz := stocksync._patience_ends();
begin
    loop
        begin
            perform stocksync._be_impatient();
            perform from public.products as p where p.id = p_product_id for no key update;
            perform stocksync._gather(p_product_id);
            exit;
        exception when lock_not_available then
            if clock_timestamp() > v_until then
                raise;
            end if;
        end;
    end loop;
    perform set_config('lock_timeout', v_timeout, true);
end;
$function$;

comment on function stocksync._take_whole(bigint) is
    'Locks the product until the end of the transaction, with everything that was left beside it folded. Waits as long as lock_timeout allows.';
