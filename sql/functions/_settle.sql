-- Settle: here, and in the trigger of the journal for a single line, is where stock changes. At the end
-- of the transaction, so that row locks on products are taken last, all at once and always in the order
-- of their ids: transactions that only write movements cannot deadlock on them, whatever the order of
-- their lines. Under these locks it also finds the batches of what it settles, and looks whether that
-- comes before a count.
--
-- A product that need not be waited for is locked only if nobody holds it; if somebody does, or did a
-- moment ago, the change is left beside it. Changing the product itself is always right, however it
-- settles; leaving a change beside it is so under the lock of its group, which is taken before any
-- product is.

create or replace function stocksync._settle(
    p_lines stocksync._line[],
    p_first_at timestamptz,
    p_booked_ids bigint[],
    p_unbooked_ids bigint[],
    p_may_pend boolean,
    p_from bigint default 0
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Planning for each array that comes along takes longer than what is done with most.
set plan_cache_mode = force_generic_plan
as $function$
declare
    v_lines stocksync._line[] := p_lines;
    v_more stocksync._line[];
    v_first_at timestamptz := p_first_at;
    v_more_first_at timestamptz;
    v_booked_ids bigint[] := p_booked_ids;
    v_unbooked_ids bigint[] := p_unbooked_ids;
    v_has_ids boolean;
    v_may_pend boolean := p_may_pend;
    v_more_may_pend boolean;
    v_is_read_committed boolean := false;
    v_tracks_batches boolean := false;
    v_unmet stocksync._want[];
    v_short bigint[];
    v_row_ids bigint[] := '{}';
    v_pending_ids bigint[] := '{}';
    v_free_ids bigint[] := '{}';
    v_busy_ids bigint[] := '{}';
    v_escrow_ids bigint[] := '{}';
    v_has_escrow boolean := false;
    v_gathered_ids bigint[] := '{}';
    r record;
begin
    -- 1. What the transaction has captured later, and not yet settled.
    select
        array_agg(row(
            s.product_id, s.location_id, s.day, s.transaction_type, s.quantity, s.movements
        )::stocksync._line),
        min(s.first_at), bool_or(s.may_pend), bool_or(s.has_ids)
    into v_more, v_more_first_at, v_more_may_pend, v_has_ids
    from (
        select l.product_id, l.location_id, l.day, l.transaction_type,
            sum(l.quantity) as quantity, sum(l.movements)::integer as movements,
            min(u.first_at) as first_at, bool_or(u.may_pend) as may_pend,
            bool_or(u.booked_ids is not null or u.unbooked_ids is not null) as has_ids
        from stocksync._unsettled as u
        cross join unnest(u.lines) as l
        where u.xid = pg_current_xact_id() and u.id >= p_from
        group by 1, 2, 3, 4
    ) as s;

    -- Not among what is asked above: it would cost every transaction more than all the rest there.
    if v_has_ids then
        v_booked_ids := v_booked_ids || (
            select array_agg(i)
            from stocksync._unsettled as u
            cross join unnest(u.booked_ids) as i
            where u.xid = pg_current_xact_id() and u.id >= p_from
        );
        v_unbooked_ids := v_unbooked_ids || (
            select array_agg(i)
            from stocksync._unsettled as u
            cross join unnest(u.unbooked_ids) as i
            where u.xid = pg_current_xact_id() and u.id >= p_from
        );
    end if;

    if v_more is not null then
        delete from stocksync._unsettled as u
        where u.xid = pg_current_xact_id() and u.id >= p_from;

        v_first_at := least(v_first_at, v_more_first_at);
        insert into stocksync._journal (lines, is_settled, first_at)
        values (v_more, true, v_more_first_at);
        v_lines := v_lines || v_more;
    end if;

    -- 2. What need not be waited for. What comes before a count does: that is looked at under the lock
    -- of the product.
    v_may_pend := v_may_pend or coalesce(v_more_may_pend, false);
    if v_may_pend then
        v_is_read_committed := current_setting('transaction_isolation') = 'read committed';
        v_row_ids := array(select distinct l.product_id from unnest(v_lines) as l);
        perform stocksync._share_groups(v_row_ids);

        select
            coalesce(
                array_agg(d.id) filter (where d.settles_as = 'never_wait' and not d.is_late), '{}'
            ),
            coalesce(
                array_agg(d.id) filter (
                    where d.settles_as = 'never_wait' and not d.is_late and not d.is_hot
                ),
                '{}'
            ),
            coalesce(
                array_agg(d.id) filter (
                    where d.settles_as = 'escrow' and not d.is_late
                        and not stocksync._is_back_dated(v_first_at)
                ),
                '{}'
            ),
            coalesce(bool_or(d.settles_as = 'escrow'), false)
        into v_pending_ids, v_free_ids, v_escrow_ids, v_has_escrow
        from (
            select p.id, stocksync._settles_as(p, s) as settles_as,
                exists (
                    select from stocksync.counts as c
                    where c.product_id = p.id and c.counted_at >= v_first_at
                ) as is_late,
                v_is_read_committed and stocksync._is_hot(p.id) as is_hot
            from public.products as p
            cross join stocksync.settings as s
            where p.id in (select i from unnest(v_row_ids) as i)
            offset 0 -- so that each is asked once
        ) as d;

        v_row_ids := array(
            select i from unnest(v_row_ids) as i
            except
            select i from unnest(v_pending_ids || v_escrow_ids) as i
        );
    end if;

    -- 3. All other products, locked in one order. FOR UPDATE would deadlock with a foreign key's share
    -- of the key. In escrow, slots are among what is waited for. Then those that are free: nobody is
    -- waited for any more.
    if v_has_escrow then
        for r in
            select l.product_id, sum(l.quantity) as quantity,
                l.product_id in (select i from unnest(v_escrow_ids) as i) as is_escrow
            from unnest(v_lines) as l
            where l.product_id in (select i from unnest(v_row_ids || v_escrow_ids) as i)
            group by l.product_id
            order by l.product_id
        loop
            if r.is_escrow then
                perform stocksync._settle_escrow(r.product_id, r.quantity);
            else
                perform stocksync.lock_products(array[r.product_id]);
            end if;
        end loop;
    elsif not v_may_pend or v_row_ids <> '{}' then
        perform from public.products as p
        where p.id in (select l.product_id from unnest(v_lines) as l)
            and p.id not in (select i from unnest(v_pending_ids) as i)
        order by p.id
        for no key update;
    end if;

    if v_is_read_committed and v_free_ids <> '{}' then
        v_busy_ids := v_free_ids;
        v_free_ids := array(
            select p.id
            from public.products as p
            where p.id = any (v_free_ids)
            order by p.id
            for no key update skip locked
        );
        v_busy_ids := array(
            select i from unnest(v_busy_ids) as i except select i from unnest(v_free_ids) as i
        );
        v_pending_ids := array(
            select i from unnest(v_pending_ids) as i except select i from unnest(v_free_ids) as i
        );
        v_row_ids := v_row_ids || v_free_ids;
    end if;

    -- 4. The stock.
    if not v_may_pend or v_row_ids <> '{}' then
        for r in
            with delta as (
                select l.product_id, sum(l.quantity) as quantity
                from unnest(v_lines) as l
                where l.product_id not in (select i from unnest(v_pending_ids || v_escrow_ids) as i)
                group by l.product_id
            ),
            changed as (
                update public.products as p
                set quantity_on_hand = trim_scale(p.quantity_on_hand + d.quantity),
                    total_stock = trim_scale(p.total_stock + d.quantity)
                from delta as d
                where p.id = d.product_id
                returning p as product, p.id
            )
            select d.product_id, d.quantity, c.product
            from delta as d
            left join changed as c on c.id = d.product_id
            where c.id is null
                or (c.product).tracks_batches
                or (c.product).contention = 'escrow'
                or (d.quantity < 0
                    and (c.product).quantity_on_hand < 0
                    and not coalesce(
                        (c.product).allow_negative,
                        (select s.allow_negative from stocksync.settings as s)
                    ))
            order by d.product_id
        loop
            if r.product is null then
                perform stocksync._refuse_orphans(r.product_id);
            elsif (r.product).tracks_batches then
                v_tracks_batches := true;
            else
                if (r.product).contention = 'escrow' then
                    perform stocksync._gather(r.product_id);
                    v_gathered_ids := v_gathered_ids || r.product_id;
                end if;
                if r.quantity < 0 then
                    v_short := v_short || r.product_id;
                end if;
            end if;
        end loop;
    end if;

    if v_is_read_committed and v_free_ids <> '{}' then
        perform stocksync._fold(v_free_ids);
    end if;

    if v_pending_ids <> '{}' then
        insert into stocksync._pending (product_id, quantity)
        select l.product_id, sum(l.quantity)
        from unnest(v_lines) as l
        where l.product_id in (select i from unnest(v_pending_ids) as i)
        group by l.product_id;

        if v_busy_ids <> '{}' then
            perform stocksync._mark_busy(v_busy_ids);
        end if;
    end if;

    -- 5. The batches.
    if v_tracks_batches then
        v_unmet := stocksync._allocate(v_lines, v_booked_ids, v_unbooked_ids);
    end if;

    -- 6. Counts that these lines come before, now that nobody else can record one.
    if (not v_may_pend or v_row_ids <> '{}' or v_escrow_ids <> '{}')
        and exists (
            select from stocksync.counts as c
            where c.counted_at >= v_first_at
                and c.product_id in (select l.product_id from unnest(v_lines) as l)
        )
    then
        perform stocksync._recheck_counts(
            array(select distinct l.product_id from unnest(v_lines) as l), v_first_at
        );
    end if;

    -- 7. What is still short, with what was booked for these counts.
    if v_unmet is not null then
        perform stocksync._consume_rest(v_unmet);
    end if;

    if v_short is not null then
        for r in
            select p as product, d.quantity
            from (
                select l.product_id, sum(l.quantity) as quantity
                from unnest(v_lines) as l
                where l.product_id in (select u from unnest(v_short) as u)
                group by l.product_id
            ) as d
            join public.products as p on p.id = d.product_id
            where p.quantity_on_hand < 0
            order by p.id
        loop
            perform stocksync._refuse_negative(r.product, r.quantity);
        end loop;
    end if;

    if v_gathered_ids <> '{}' then
        perform stocksync._deal(i) from unnest(v_gathered_ids) as i;
    end if;
end;
$function$;

comment on function stocksync._settle(
    stocksync._line[], timestamptz, bigint[], bigint[], boolean, bigint
) is
    'Applies to products what the transaction captured: these lines, the earliest moment of which is the second argument, with the movements that were written and those that were changed or deleted of products that track batches, and whether any product need not be waited for; and what is in _unsettled from that number on. Raises SS001 where negative stock is refused or batches have not enough, foreign_key_violation for movements of a product that is gone.';
