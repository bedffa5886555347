-- Whoever leaves a change beside a product, instead of in it, says so first: until its transaction ends
-- nobody counts the product, deletes it or has it settle otherwise. It waits for nobody else.

create or replace function stocksync._share_groups(p_product_ids bigint[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    -- In one order, as who holds a group alone takes them.
    v_groups constant integer[] := array(
        select distinct stocksync._group(i) from unnest(p_product_ids) as i order by 1
    );
begin
    perform pg_advisory_xact_lock_shared(stocksync._group_key(g)) from unnest(v_groups) as g;

    -- An older snapshot does not see what was done in between: the row has changed, and the lock
    -- raises serialization_failure. Only a row that somebody has changed has an xmax.
    if current_setting('transaction_isolation') <> 'read committed' then
        perform from stocksync._groups as g where g.xmax <> 0 and g.id = any (v_groups) for share;
    end if;
end;
$function$;

comment on function stocksync._share_groups(bigint[]) is
    'Shares the locks of the groups of these products until the end of the transaction. Raises serialization_failure if all of a group was settled after the snapshot of the transaction.';
