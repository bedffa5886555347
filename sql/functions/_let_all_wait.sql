-- For whoever must have all changes of some products in them: a count, a switch of the mode. Nobody
-- leaves a change beside them from here to the end of the transaction, and what was left is folded.
--
-- A transaction that has settled in the middle holds products and may ask for a group next: then this
-- gives way, before the server would choose one of the two, and tries again.

create or replace function stocksync._let_all_wait(p_product_ids bigint[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_timeout constant text := current_setting('lock_timeout');
    v_until constant timestamptz := stocksync._patience_ends();
    v_held bigint[];
    v_ids bigint[];
begin
    loop
        begin
            perform stocksync._be_impatient();
            perform stocksync._keep_modes();
            v_held := '{}';
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
            delete from stocksync._pending as q where q.product_id = any (v_held);
            exit;
        exception when lock_not_available then
            if clock_timestamp() > v_until then
                perform stocksync._say_busy(p_product_ids);
            end if;
        end;
    end loop;
    perform set_config('lock_timeout', v_timeout, true);
end;
$function$;

comment on function stocksync._let_all_wait(bigint[]) is
    'Locks these products, waits for those who have left changes beside them, as long as lock_timeout allows, and folds these. Raises lock_not_available then, and what stocksync._hold_groups() raises.';
