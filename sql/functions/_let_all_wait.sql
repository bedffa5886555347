-- For whoever must have all changes of some products in them: a count, a switch of the mode. Nobody
-- leaves a change beside them from here to the end of the transaction, and what was left is folded.

create or replace function stocksync._let_all_wait(p_product_ids bigint[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_ids bigint[];
    v_held bigint[] := '{}';
begin
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
end;
$function$;

comment on function stocksync._let_all_wait(bigint[]) is
    'Locks these products, waits for those who have left changes beside them, and folds these. Raises what stocksync._hold_groups() raises.';
