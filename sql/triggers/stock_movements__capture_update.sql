-- Capture of updated movements: only somebody privileged can update one, but the stock follows
-- exactly all the same, and the log tells.

create or replace function stocksync.tg_stock_movements__capture_update()
returns trigger
language plpgsql
security definer -- writes tables that no application may write
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lines stocksync._line[];
    v_first_at timestamptz;
    v_rebooked_lines stocksync._line[];
    v_rebooked_ids bigint[];
    v_chosen_ids bigint[];
    v_changed bigint[];
begin
    if stocksync._has_pass() then
        return null;
    end if;

    -- 1. What is allowed. Reversals match their originals whichever of the two is updated.
    perform stocksync._check_type(
        n.transaction_type,
        case when n.reverses_id is null then n.movement_type end
    )
    from (
        select distinct n.transaction_type, n.movement_type, n.reverses_id
        from new_rows as n
    ) as n;

    perform stocksync._check_product(n.product_id)
    from old_rows as o
    join new_rows as n on n.id = o.id
    where n.product_id <> o.product_id;

    perform stocksync._check_reversal(n) from new_rows as n where n.reverses_id is not null;

    perform stocksync._check_reversal(r)
    from new_rows as n
    join public.stock_movements as r on r.reverses_id = n.id;

    -- What changes nothing that is summed may be corrected where the ledger is closed: a reference,
    -- a note, a cost.
    perform stocksync._refuse_closed(min(least(o.occurred_at, n.occurred_at)))
    from old_rows as o
    join new_rows as n on n.id = o.id
    where (o.product_id, o.location_id, o.movement_type, o.transaction_type, o.quantity,
           o.occurred_at, o.recorded_at, o.idempotency_key)
        is distinct from
        (n.product_id, n.location_id, n.movement_type, n.transaction_type, n.quantity,
         n.occurred_at, n.recorded_at, n.idempotency_key);

    -- 2. What it comes to.
    select array_agg(row(
        c.product_id, c.location_id, c.day, c.transaction_type, c.quantity, c.movements
    )::stocksync._line), min(c.first_at)
    into v_lines, v_first_at
    from (
        select
            e.product_id,
            e.location_id,
            (e.occurred_at at time zone s.time_zone)::date as day,
            e.transaction_type,
            sum(e.quantity) as quantity,
            sum(e.movements)::integer as movements,
            min(e.occurred_at) as first_at
        from (
            select
                m.product_id,
                m.location_id,
                m.occurred_at,
                m.transaction_type,
                sum(case m.movement_type when 'in' then m.quantity else -m.quantity end * m.sign)
                    as quantity,
                sum(m.sign) as movements
            from (
                select n.product_id, n.location_id, n.occurred_at, n.transaction_type,
                    n.movement_type, n.quantity, 1 as sign
                from new_rows as n
                union all
                select o.product_id, o.location_id, o.occurred_at, o.transaction_type,
                    o.movement_type, o.quantity, -1
                from old_rows as o
            ) as m
            group by 1, 2, 3, 4
        ) as e
        cross join stocksync.settings as s
        -- not by the day: what only moves within one moves past a count
        where e.quantity <> 0 or e.movements <> 0
        group by 1, 2, 3, 4
    ) as c;

    -- 3. Batches. What only says more of a movement is said of its batches too; cost and expiry date
    -- were for a batch that was made: that has its own.
    update public.batch_consumptions as c
    set occurred_at = n.occurred_at, reference = n.reference
    from old_rows as o
    join new_rows as n on n.id = o.id
    where c.movement_id = n.id
        and (o.occurred_at, o.reference) is distinct from (n.occurred_at, n.reference);

    update public.batch_receipts as c
    set occurred_at = n.occurred_at
    from old_rows as o
    join new_rows as n on n.id = o.id
    where c.movement_id = n.id and o.occurred_at <> n.occurred_at;

    -- Where nothing but the quantity changes, what came in stays in the batch that it has.
    select array_agg(distinct n.id),
        array_agg(distinct n.id) filter (
            where (o.product_id, o.location_id, o.movement_type, o.transaction_type, o.reverses_id,
                   o.batch_id, o.batch_number)
                is distinct from
                (n.product_id, n.location_id, n.movement_type, n.transaction_type, n.reverses_id,
                 n.batch_id, n.batch_number)
        ),
        array_agg(row(
            p.id, n.location_id, (n.occurred_at at time zone s.time_zone)::date,
            n.transaction_type, 0, 0
        )::stocksync._line)
    into v_rebooked_ids, v_chosen_ids, v_rebooked_lines
    from old_rows as o
    join new_rows as n on n.id = o.id
    -- settle locks what there are lines of, even if nothing changes but the batch
    join public.products as p on p.id in (o.product_id, n.product_id) and p.tracks_batches
    cross join stocksync.settings as s
    where (o.product_id, o.location_id, o.movement_type, o.transaction_type, o.quantity,
           o.reverses_id, o.batch_id, o.batch_number)
        is distinct from
        (n.product_id, n.location_id, n.movement_type, n.transaction_type, n.quantity,
         n.reverses_id, n.batch_id, n.batch_number);

    -- What reverses it is the opposite of what it does now.
    if v_rebooked_ids is not null then
        v_rebooked_ids := v_rebooked_ids || array(
            select m.id from public.stock_movements as m where m.reverses_id = any (v_rebooked_ids)
        );
    end if;

    perform stocksync._capture(
        v_lines || v_rebooked_lines, coalesce(v_first_at, 'infinity'), v_chosen_ids,
        v_rebooked_ids, stocksync._may_pend(v_lines)
    );

    if stocksync._refuses_negative() then
        insert into stocksync._back_dated (effects)
        select array_agg(row(
            m.product_id, m.occurred_at,
            case m.movement_type when 'in' then m.quantity else -m.quantity end * m.sign
        )::stocksync._effect)
        from (
            select n.product_id, n.occurred_at, n.movement_type, n.quantity, 1 as sign
            from new_rows as n
            union all
            select o.product_id, o.occurred_at, o.movement_type, o.quantity, -1
            from old_rows as o
        ) as m
        join public.products as p on p.id = m.product_id
        cross join stocksync.settings as s
        where not coalesce(p.allow_negative, s.allow_negative)
        having count(*) > 0;
    end if;

    -- 4. The log.
    select array_agg(o.id order by o.id) into v_changed
    from old_rows as o
    join new_rows as n on n.id = o.id
    where o is distinct from n;

    perform stocksync._log_changed_movements('movements updated', v_changed);
    return null;
end;
$function$;

comment on function stocksync.tg_stock_movements__capture_update() is
    'Captures updated movements and logs a warning. Raises as the capture of inserts does, and SS005 where it changes stock in a period that is closed.';

create or replace trigger _500_capture_update
    after update on public.stock_movements
    referencing old table as old_rows new table as new_rows
    for each statement
    execute function stocksync.tg_stock_movements__capture_update();

comment on trigger _500_capture_update on public.stock_movements is
    'Sums what an update changes, for settle to apply at commit.';
