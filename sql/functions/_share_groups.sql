-- Whoever leaves a change beside a product, instead of in it, says so first: until its transaction ends
-- nobody counts the product, deletes it or has it settle otherwise. It waits for nobody else.

create or replace function stocksync._share_groups(p_product_ids bigint[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- In one order, as who holds a group alone takes them.
    perform pg_advisory_xact_lock_shared(stocksync._group_key(g.id))
    from (
        select distinct (i & 63)::integer as id
        from unnest(p_product_ids) as i
        order by 1
    ) as g;

    -- An older snapshot does not see what was done in between: the row has changed, and the lock
    -- raises serialization_failure. Only a row that somebody has changed has an xmax.
    if current_setting('transaction_isolation') <> 'read committed' then
        perform
        from stocksync._groups as g
        where g.xmax <> 0 and g.id in (select (i & 63)::integer from unnest(p_product_ids) as i)
        for share;
    end if;
end;
$function$;

comment on function stocksync._share_groups(bigint[]) is
    'Shares the locks of the groups of these products until the end of the transaction. Raises serialization_failure if all of a group was settled after the snapshot of the transaction.';
