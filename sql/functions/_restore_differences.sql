-- By what a trusted balance differs from what the movements say of the same time: what a restore has
-- to book. What earlier restores have booked since, from this balance or another, and nobody took
-- back, is no movement: a restore takes its place, or the same loss would be made good twice.

create or replace function stocksync._restore_differences(
    p_snapshot_id bigint,
    p_product_ids bigint[]
)
returns table (product_id bigint, location_id bigint, balance numeric, quantity numeric)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_snapshot stocksync.snapshots;
begin
    select * into v_snapshot from stocksync.snapshots as s where s.id = p_snapshot_id;

    return query
    select u.product_id, u.location_id, sum(u.balance), trim_scale(sum(u.quantity))
    from (
        select b.product_id, b.location_id, b.quantity as balance, b.quantity
        from stocksync.snapshot_balances as b
        where b.snapshot_id = p_snapshot_id
            and (p_product_ids is null or b.product_id = any (p_product_ids))
        union all
        select l.product_id, l.location_id, 0, -l.quantity
        from stocksync._ledger_at(p_product_ids, v_snapshot.at, v_snapshot.known_at) as l
        where v_snapshot.id is not null
        union all
        select m.product_id, m.location_id, 0,
            case m.movement_type when 'in' then -m.quantity else m.quantity end
        from stocksync.runs as r
        cross join unnest(r.movement_ids) as i
        join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
        where r.command in ('restore', 'fix')
            and m.reference = format('restore %s', r.id)
            and (m.occurred_at > v_snapshot.at or m.recorded_at > v_snapshot.known_at)
            and (p_product_ids is null or m.product_id = any (p_product_ids))
            and not exists (
                select from public.stock_movements as v where v.reverses_id = m.id
            )
    ) as u
    -- balances from a file say nothing of what is not in it
    left join stocksync.snapshot_balances as k
        on k.snapshot_id = p_snapshot_id
        and k.product_id = u.product_id
        and k.location_id is not distinct from u.location_id
        and not v_snapshot.is_complete
    -- one that was deleted since has no stock to restore
    join public.products as p on p.id = u.product_id
    where v_snapshot.is_complete or k.snapshot_id is not null
    group by u.product_id, u.location_id;
end;
$function$;

comment on function stocksync._restore_differences(bigint, bigint[]) is
    'For each product that is still there, and location: the balance in the snapshot, and by how much it is more than the movements say, of which those are not counted that other restores have booked since. Nothing for a null snapshot.';
