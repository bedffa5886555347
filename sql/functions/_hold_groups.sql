-- Waits for everybody who has left changes beside products of these groups, and lets nobody else. A
-- transaction with an older snapshot is told by the row of the group, which it then cannot lock.

create or replace function stocksync._hold_groups(p_product_ids bigint[])
returns void
language plpgsql
volatile
security definer -- nobody writes the groups by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- It would not see what is waited for.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'what others leave beside product % can only be waited for at READ COMMITTED',
            p_product_ids[1]
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin the transaction with isolation level read committed.',
                  schema = 'public', table = 'products', column = 'contention';
    end if;

    perform pg_advisory_xact_lock(stocksync._group_key(g.id))
    from (
        select distinct (i & 63)::integer as id
        from unnest(p_product_ids) as i
        order by 1
    ) as g;

    update stocksync._groups as g
    set ended_at = clock_timestamp()
    where g.id in (select (i & 63)::integer from unnest(p_product_ids) as i);
end;
$function$;

comment on function stocksync._hold_groups(bigint[]) is
    'Holds the locks of the groups of these products alone until the end of the transaction. Raises object_not_in_prerequisite_state above READ COMMITTED.';
