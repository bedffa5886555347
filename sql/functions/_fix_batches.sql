-- Makes the batches of a product what its movements say, keeping all that is right about them: what was
-- taken and brought by movements that are gone, or say something else now, goes; what batches hold
-- is counted anew; movements that no batch knows choose theirs as if they came in now; and what then
-- still differs was there before: it belongs to the opening batch.

create or replace function stocksync._fix_batches(p_run_id bigint, p_product_id bigint)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_ids constant bigint[] := array[p_product_id];
    v_before jsonb;
    v_wrong_ids bigint[];
    v_overdrawn_ids bigint[];
    v_booked_ids bigint[];
    v_unmet stocksync._want[];
begin
    perform stocksync.lock_products(v_ids);
    v_before := stocksync._batch_images(p_product_id);

    insert into stocksync._passes default values;

    -- 1. What was done to whole batches by hand: those that were retired, if they are what is missing
    -- at each place, put where their movements are not, or deleted without what went through them.
    update public.stock_batches as b
    set status = 'active'
    where b.product_id = p_product_id
        and b.status = 'retired'
        and b.is_open
        and not exists (
            select
            from (
                select o.location_id, o.quantity from stocksync.opening_batches(v_ids) as o
                union all
                select k.location_id, -k.quantity_remaining
                from public.stock_batches as k
                where k.product_id = p_product_id and k.status = 'retired'
            ) as u
            group by u.location_id
            having sum(u.quantity) <> 0
        );

    update public.stock_batches as b
    set location_id = w.location_id
    from (
        select r.batch_id, (array_agg(m.location_id))[1] as location_id
        from public.stock_movements as m
        join public.batch_receipts as r on r.movement_id = m.id
        where m.product_id = p_product_id
        group by r.batch_id
        having count(distinct coalesce(m.location_id, 0)) = 1
    ) as w
    where b.id = w.batch_id
        and b.status <> 'retired'
        and b.location_id is distinct from w.location_id;

    delete from public.batch_receipts as r
    using public.stock_movements as m
    where m.product_id = p_product_id
        and r.movement_id = m.id
        and not exists (select from public.stock_batches as b where b.id = r.batch_id);

    delete from public.batch_consumptions as c
    using public.stock_movements as m
    where m.product_id = p_product_id
        and c.movement_id = m.id
        and not exists (select from public.stock_batches as b where b.id = c.batch_id);

    -- 2. What was taken and brought by movements that are gone, or say something else now; and what was
    -- taken out of batches that then have brought less.
    v_wrong_ids := array(
        select d.movement_id
        from stocksync.batch_discrepancies(v_ids) as d
        where d.differs = 'movement'
    );

    perform stocksync._take_back(v_wrong_ids || array(
        select l.movement_id from stocksync._lost_movements(v_ids) as l
    ));

    v_overdrawn_ids := array(
        select distinct c.movement_id
        from public.stock_batches as b
        join public.batch_consumptions as c on c.batch_id = b.id and c.quantity > 0
        join public.stock_movements as m on m.id = c.movement_id
        where b.product_id = p_product_id
            and b.status <> 'retired'
            and (
                select coalesce(sum(r.quantity), 0)
                from public.batch_receipts as r
                where r.batch_id = b.id
            ) < (
                select sum(o.quantity) from public.batch_consumptions as o where o.batch_id = b.id
            )
    );
    perform stocksync._take_back(v_overdrawn_ids);
    v_wrong_ids := v_wrong_ids || v_overdrawn_ids;

    update public.stock_batches as b
    set quantity_received = trim_scale(w.received),
        quantity_remaining = trim_scale(w.received - w.consumed)
    from (
        select k.id,
            (
                select coalesce(sum(r.quantity), 0)
                from public.batch_receipts as r
                where r.batch_id = k.id
            ) as received,
            (
                select coalesce(sum(c.quantity), 0)
                from public.batch_consumptions as c
                where c.batch_id = k.id
            ) as consumed
        from public.stock_batches as k
        where k.product_id = p_product_id and k.status <> 'retired'
    ) as w
    where b.id = w.id
        and (b.quantity_received, b.quantity_remaining)
            is distinct from (w.received, w.received - w.consumed);

    -- 3. Those that came in behind the triggers, if they are what is missing at each place.
    v_booked_ids := array(select m.id from stocksync._unbatched(v_ids) as m);
    if exists (
        select
        from (
            select m.location_id,
                case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity
            from public.stock_movements as m
            where m.id = any (v_booked_ids)
            union all
            select o.location_id, -o.quantity from stocksync.opening_batches(v_ids) as o
        ) as u
        group by u.location_id
        having sum(u.quantity) <> 0
    ) then
        v_booked_ids := v_wrong_ids;
    end if;

    if v_booked_ids <> '{}' then
        v_unmet := stocksync._allocate(
            (
                select array_agg(row(
                    m.product_id, m.location_id, (m.occurred_at at time zone s.time_zone)::date,
                    m.transaction_type,
                    case m.movement_type when 'in' then m.quantity else -m.quantity end, 1
                )::stocksync._line)
                from public.stock_movements as m
                cross join stocksync.settings as s
                where m.id = any (v_booked_ids)
            ),
            v_booked_ids,
            null
        );
        if v_unmet is not null then
            perform stocksync._consume_rest(v_unmet);
        end if;
    end if;

    perform stocksync._adjust_opening(array_agg(
        row(o.product_id, o.location_id, null, null, o.quantity, null)::stocksync._line
    ))
    from stocksync.opening_batches(v_ids) as o
    having count(*) > 0;

    delete from stocksync._passes as p where p.xid = pg_current_xact_id();

    insert into stocksync.incidents (run_id, product_id, class, before, after, images)
    select p_run_id, p_product_id, 'batches',
        (
            select coalesce(sum((i ->> 'remaining')::numeric), 0)
            from jsonb_array_elements(v_before) as i
        ),
        (
            select coalesce(sum(b.quantity_remaining), 0)
            from public.stock_batches as b
            where b.product_id = p_product_id and b.status <> 'retired'
        ),
        jsonb_build_object(
            'before', v_before, 'after', stocksync._batch_images(p_product_id)
        );
end;
$function$;

comment on function stocksync._fix_batches(bigint, bigint) is
    'Makes the batches of the product what its movements and its stock by place say, for this run. Raises SS001 where movements take what no batch has.';
