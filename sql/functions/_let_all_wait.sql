-- For whoever must have all changes of some products in them: a count, a switch of the mode. Nobody
-- leaves a change beside them from here to the end of the transaction, and what was left is folded.
--
-- A transaction that has settled in the middle holds products and may ask for a group next: then this
-- gives way, before the server would choose one of the two, and tries again.

create or replace function stocksync._let_all_wait(
    p_product_ids bigint[],
    p_tries_again boolean default true
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_timeout constant text := current_setting('lock_timeout');
    v_until constant timestamptz :=
        clock_timestamp() + coalesce(nullif(v_timeout::interval, '0'), '1 year');
    v_held bigint[];
    v_ids bigint[];
begin
    loop
        begin
            perform stocksync._be_impatient();
            v_held := '{}';
            if p_product_ids is null then
                -- Whoever changes the settings.
                perform pg_advisory_xact_lock(stocksync._lock_key('contention'));
                perform stocksync._hold_groups(array(select n from generate_series(0::bigint, 63) as n));
                v_held := array(select distinct q.product_id from stocksync._pending as q);
                perform stocksync.lock_products(v_held);
            else
                perform stocksync._keep_modes();
                loop
                    v_ids := array(
                        select p.id
                        from public.products as p
                        cross join stocksync.settings as s
                        where p.id = any (p_product_ids)
                            and stocksync._settles_as(p, s) in ('never_wait', 'escrow')
                            and p.id <> all (v_held)
                    );
                    -- The groups before the products, as writers do.
                    perform stocksync._hold_groups(v_ids) where v_ids <> '{}';
                    perform stocksync.lock_products(p_product_ids);
                    exit when v_ids = '{}';
                    -- One may have begun to settle so only now.
                    v_held := v_held || v_ids;
                end loop;
            end if;
            delete from stocksync._pending as q where q.product_id = any (v_held);
            exit;
        exception when lock_not_available then
            if not p_tries_again or clock_timestamp() > v_until then
                perform stocksync._say_busy(p_product_ids);
            end if;
        end;
    end loop;
    perform set_config('lock_timeout', v_timeout, true);
end;
$function$;

comment on function stocksync._let_all_wait(bigint[], boolean) is
    'Locks these products (null: all that anything was left beside, and all that will be), waits for those who have left changes beside them, and folds these; tries again and again, as long as lock_timeout allows, or once. Raises lock_not_available then, and what stocksync._hold_groups() raises.';
