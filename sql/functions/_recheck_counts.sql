-- Movements that come before a count and later than it was recorded: whether the ledger still says of
-- the moment of each count what it said when it was last looked at. What it says more or less, a
-- late movement has brought, or an update, or a deletion. Called by settle, which holds the locks on
-- the products: as every change of their movements settles under the same locks, none is missed,
-- whatever was under way while the count was recorded.
--
-- What is booked here settles at once and comes here again: it then finds every count as it should
-- be, and books nothing.

create or replace function stocksync._recheck_counts(p_product_ids bigint[], p_since timestamptz)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_setting constant text := (select s.late_movements_before_count from stocksync.settings as s);
    v_count_ids bigint[];
    v_product_ids bigint[];
    v_location_ids bigint[];
    v_ats timestamptz[];
    v_balances numeric[];
    v_quantities numeric[];
    r record;
begin
    -- 1. By how much the ledger has moved at each count, and by how much of it only since the count
    -- before: what is booked for one count moves those after it too.
    select array_agg(c.id), array_agg(c.product_id), array_agg(c.location_id),
        array_agg(c.counted_at), array_agg(c.balance)
    into v_count_ids, v_product_ids, v_location_ids, v_ats, v_balances
    from stocksync.counts as c
    where c.product_id = any (p_product_ids)
        and c.counted_at >= p_since
        and c.balance is not null;

    with moved as (
        select n.id, n.counted_at, n.quantity - n.balance as quantity,
            n.quantity - n.balance - lag(n.quantity - n.balance, 1, 0::numeric) over (
                partition by n.product_id, n.location_id order by n.counted_at
            ) as since_last
        from unnest(
            v_count_ids, v_product_ids, v_location_ids, v_ats, v_balances,
            stocksync._stock_at_moments(v_product_ids, v_location_ids, v_ats)
        ) as n (id, product_id, location_id, counted_at, balance, quantity)
    ),
    due as (
        select d.id, d.counted_at,
            case v_setting when 'keep_count' then -d.since_last else d.quantity end as quantity
        from moved as d
    )
    select array_agg(d.id order by d.counted_at, d.id),
        array_agg(d.quantity order by d.counted_at, d.id)
    into v_count_ids, v_quantities
    from due as d
    where d.quantity <> 0;

    if v_count_ids is null then
        return;
    end if;

    -- 2. What stands: the count, or the difference.
    if v_setting = 'keep_count' then
        -- The period may be in the course of being closed. A transaction that was writing in it then
        -- is waited for, but what it books now must not go elsewhere.
        perform stocksync._refuse_closed(min(c.counted_at))
        from stocksync.counts as c
        where c.id = any (v_count_ids);

        perform stocksync._book_corrections(
            v_count_ids, v_quantities, 'movements before the count came late'
        );
    else
        update stocksync.counts as c
        set balance = trim_scale(c.balance + g.quantity)
        from unnest(v_count_ids, v_quantities) as g (id, quantity)
        where c.id = g.id;
    end if;

    -- 3. Never silently.
    for r in
        select c.id, c.product_id, c.counted_at, c.quantity as counted, c.balance, l.name, g.quantity
        from unnest(v_count_ids, v_quantities) with ordinality as g (id, quantity, position)
        join stocksync.counts as c on c.id = g.id
        left join public.locations as l on l.id = c.location_id
        order by g.position
    loop
        perform stocksync._write_log(
            'warning', 'late movements before a count', r.product_id,
            jsonb_strip_nulls(jsonb_build_object(
                'count', r.id, 'counted_at', r.counted_at, 'location', r.name,
                'counted', r.counted, 'setting', v_setting,
                'correction', case v_setting when 'keep_count' then r.quantity end,
                'moved', case v_setting when 'keep_difference' then r.quantity end,
                'balance', r.balance
            ))
        );
    end loop;

    -- 4. Now, as settle still has to see whether the stock has fallen below zero.
    set constraints stocksync._500_settle immediate;
end;
$function$;

comment on function stocksync._recheck_counts(bigint[], timestamptz) is
    'Does to the counts of these products, of this moment or later, what settings.late_movements_before_count says, where the ledger no longer says what it said. Raises SS005 where a correction would have to be booked in a period that is being closed.';
