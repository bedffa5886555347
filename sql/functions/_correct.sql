-- Measures some products again and corrects what differs. The caller holds the lock of the roll-up,
-- so no other correction adds the same difference a second time; writers go on all the while, and
-- what they commit after the measurement is kept because differences are added.

create or replace function stocksync._correct(
    p_run_id bigint,
    p_product_ids bigint[],
    p_since timestamptz,
    p_force boolean
)
returns void
language plpgsql
volatile
security definer -- nobody writes incidents by hand
set search_path = pg_catalog, pg_temp
-- A product that somebody holds is left for the next run: writers of the others wait for this one.
set lock_timeout = '2s'
as $function$
declare
    r record;
    v_corrected bigint := 0;
    v_failed bigint := 0;
begin
    -- Differences are added, so nothing may be added meanwhile to what is no number and will be
    -- replaced: the comparison below sees what was committed before these locks.
    perform stocksync._let_all_wait(array(
        select p.id
        from public.products as p
        where p.id = any (p_product_ids)
            and not (abs(p.quantity_on_hand) < 'Infinity' and abs(p.total_stock) < 'Infinity')
    ));

    delete from stocksync.stock_daily as d
    where d.product_id = any (p_product_ids) and not abs(d.quantity) < 'Infinity';

    for r in
        select * from stocksync.discrepancies(p_product_ids, p_since, p_force) as d
        order by d.product_id
    loop
        begin
            insert into stocksync.incidents (run_id, product_id, class, before, after)
            select p_run_id, r.product_id, c.class,
                case c.class
                    when 'quantity_on_hand' then r.quantity_on_hand
                    when 'total_stock' then r.total_stock
                    else r.rolled_up
                end,
                r.ledger
            from unnest(r.differs) as c (class);

            if 'roll_up' = any (r.differs) then
                perform stocksync._mend_roll_up(r.product_id);
            end if;

            perform stocksync._write_log(
                'info', 'product stock updated', r.product_id,
                jsonb_build_object(
                    'run', p_run_id, 'sku', r.sku, 'name', r.name, 'differs', to_jsonb(r.differs),
                    'old_stock', r.quantity_on_hand, 'new_stock', r.ledger,
                    'difference', r.ledger - r.quantity_on_hand
                )
            );
            v_corrected := v_corrected + 1;
        -- One product that cannot be corrected (a rule of the shop's own on its row, a lock that is
        -- not to be had) must not keep the others wrong. It is named in the log and counted.
        exception when others then
            perform stocksync._write_log(
                'error', 'product stock could not be updated', r.product_id,
                jsonb_build_object(
                    'run', p_run_id, 'sku', r.sku, 'sqlstate', sqlstate, 'error', sqlerrm
                )
            );
            v_failed := v_failed + 1;
        end;
    end loop;

    update stocksync.runs as u
    set products_corrected = u.products_corrected + v_corrected,
        products_failed = u.products_failed + v_failed,
        seen_at = clock_timestamp()
    where u.id = p_run_id;
end;
$function$;

comment on function stocksync._correct(bigint, bigint[], timestamptz, boolean) is
    'Corrects these products for a run. The caller holds the advisory lock "roll_up" and runs at READ COMMITTED.';
