-- Waits for everybody who has left changes beside products of these groups, and lets nobody else. A
-- transaction with an older snapshot is told by the row of the group, which it then cannot lock.

create or replace function stocksync._hold_groups(p_product_ids bigint[])
returns void
language plpgsql
volatile
security definer -- nobody writes the groups by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_groups constant integer[] := array(
        select distinct stocksync._group(i)
        from unnest(coalesce(p_product_ids, array(select generate_series(0::bigint, 63)))) as i
        order by 1
    );
begin
    -- It would not see what is waited for.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'what others leave beside % can only be waited for at READ COMMITTED',
            coalesce('product ' || p_product_ids[1], 'products')
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin the transaction with isolation level read committed.',
                  schema = 'public', table = 'products', column = 'contention';
    end if;

    perform pg_advisory_xact_lock(stocksync._group_key(g)) from unnest(v_groups) as g;

    update stocksync._groups as g set ended_at = clock_timestamp() where g.id = any (v_groups);
end;
$function$;

comment on function stocksync._hold_groups(bigint[]) is
    'Holds the locks of the groups of these products, or (null) of all, alone until the end of the transaction. Raises object_not_in_prerequisite_state above READ COMMITTED.';
