-- What the movements themselves say of a time, all of them read: nothing that was stored about them
-- is believed. For whoever checks a stored balance, or restores from one.

create or replace function stocksync._ledger_at(
    p_product_ids bigint[],
    p_at timestamptz,
    p_known_at timestamptz
)
returns table (product_id bigint, location_id bigint, quantity numeric)
language plpgsql
stable
-- one product and all of them are different plans
set plan_cache_mode = force_custom_plan
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_archive stocksync.archives;
begin
    select * into v_archive
    from stocksync.archives as a
    where a.restored_at is null
        and (a.archived_before > p_at + interval '1 microsecond' or a.last_recorded_at > p_known_at)
    limit 1;

    if found then
        perform stocksync._refuse_archived(v_archive);
    end if;

    return query
    select u.product_id, u.location_id, trim_scale(sum(u.quantity))
    from (
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity
        from public.stock_movements as m
        where m.occurred_at <= p_at
            and m.recorded_at <= p_known_at
            and (p_product_ids is null or m.product_id = any (p_product_ids))
            and m.id not in (
                select h.movement_id
                from stocksync.movement_history as h
                where h.replaced_at > p_known_at and h.operation <> 'late'
            )
        union all
        -- as they were then
        select f.product_id, f.location_id,
            case f.movement_type when 'in' then f.quantity else -f.quantity end
        from (
            select distinct on (h.movement_id) h.*
            from stocksync.movement_history as h
            where h.replaced_at > p_known_at and h.operation <> 'late'
            order by h.movement_id, h.replaced_at, h.id
        ) as f
        where f.occurred_at <= p_at
            and f.recorded_at <= p_known_at
            and (p_product_ids is null or f.product_id = any (p_product_ids))
        union all
        select a.product_id, a.location_id, a.quantity
        from stocksync.archived_daily as a
        where p_product_ids is null or a.product_id = any (p_product_ids)
    ) as u
    group by u.product_id, u.location_id;
end;
$function$;

comment on function stocksync._ledger_at(bigint[], timestamptz, timestamptz) is
    'The sum of the movements that occurred until p_at, in the versions recorded until p_known_at, both inclusive ("infinity": all), for these products (null: all) and each location that has any. Raises SS006 where single movements that are archived would tell.';
