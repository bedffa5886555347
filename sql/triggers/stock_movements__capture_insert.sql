-- Capture of inserted movements: their sums per product, location, day and type, after a look at
-- the types. One statement trigger with a transition table, so that a row or half a million of them
-- cost one pass. A movement that is dated where the ledger is closed is refused, or moved to where it
-- is open.

create or replace function stocksync.tg_stock_movements__capture_insert()
returns trigger
language plpgsql
security definer -- writes tables that no application may write
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lines stocksync._line[];
    v_is_valid boolean;
    v_has_reversals boolean;
    v_has_changed boolean;
    v_first_at timestamptz;
    v_closed timestamptz;
    v_has_archived boolean;
    v_settles_as text;
    v_is_known boolean;
    v_tracks_batches boolean;
    v_may_pend boolean;
    v_booked_ids bigint[];
begin
    -- Most statements insert one row, and to group it would cost more than all that is asked here.
    select
        array[row(
            n.product_id, n.location_id,
            (greatest(n.occurred_at, k.before) at time zone s.time_zone)::date,
            n.transaction_type,
            case n.movement_type when 'in' then n.quantity else -n.quantity end, 1
        )::stocksync._line],
        coalesce(
            (n.movement_type = (
                select t.movement_type
                from public.transaction_types as t
                where t.name = n.transaction_type
            )) <> (n.reverses_id is not null),
            false
        ),
        n.reverses_id is not null,
        n.occurred_at,
        k.before,
        k.has_archived,
        (select stocksync._settles_as(p, s) from public.products as p where p.id = n.product_id)
    into v_lines, v_is_valid, v_has_reversals, v_first_at, v_closed, v_has_archived, v_settles_as
    from new_rows as n
    cross join stocksync._closed as k
    cross join stocksync.settings as s
    where (select count(*) from (select from new_rows limit 2) as r) = 1;

    if found then
        v_is_known := v_settles_as is not null;
        v_tracks_batches := v_settles_as = 'batches';
        v_may_pend := v_settles_as in ('never_wait', 'escrow');
    else
        select
            array_agg(row(
                c.product_id, c.location_id, c.day, c.transaction_type,
                case c.movement_type when 'in' then c.quantity else -c.quantity end, c.movements
            )::stocksync._line),
            bool_and(coalesce(
                (c.movement_type = (
                    select t.movement_type
                    from public.transaction_types as t
                    where t.name = c.transaction_type
                )) <> c.is_reversal,
                false
            )),
            bool_or(c.is_reversal),
            min(c.first_at),
            min(c.before),
            bool_or(c.has_archived),
            bool_and(c.settles_as is not null),
            bool_or(c.settles_as = 'batches'),
            bool_or(c.settles_as in ('never_wait', 'escrow'))
        into v_lines, v_is_valid, v_has_reversals, v_first_at, v_closed, v_has_archived,
            v_is_known, v_tracks_batches, v_may_pend
        from (
            select
                n.product_id,
                n.location_id,
                (
                    greatest(n.occurred_at, k.before)
                    at time zone (select s.time_zone from stocksync.settings as s)
                )::date as day,
                n.transaction_type,
                n.movement_type,
                n.reverses_id is not null as is_reversal,
                sum(n.quantity) as quantity,
                count(*)::integer as movements,
                min(n.occurred_at) as first_at,
                k.before,
                k.has_archived,
                (
                    select stocksync._settles_as(p, s)
                    from public.products as p
                    cross join stocksync.settings as s
                    where p.id = n.product_id
                ) as settles_as
            from new_rows as n
            cross join stocksync._closed as k
            group by 1, 2, 3, 4, 5, 6, k.before, k.has_archived
        ) as c;
    end if;

    if not v_is_known then
        perform stocksync._check_product(n.product_id) from new_rows as n;
    end if;

    if not v_is_valid then
        perform stocksync._check_type(n.transaction_type, n.movement_type)
        from new_rows as n
        where n.reverses_id is null;
    end if;
    if v_has_reversals then
        perform stocksync._check_reversal(n) from new_rows as n where n.reverses_id is not null;
    end if;

    if v_first_at < v_closed then
        if stocksync._has_pass() then
            return null;
        end if;
        if (select s.late_movements from stocksync.settings as s) = 'refuse' then
            perform stocksync._refuse_closed(v_first_at);
        end if;

        insert into stocksync.movement_history (
            operation, movement_id, product_id, location_id, movement_type, transaction_type,
            quantity, occurred_at, recorded_at, unit_cost, reference, idempotency_key, reverses_id,
            user_id, notes, metadata, batch_id, batch_number, expiry_date
        )
        select 'late', n.id, n.product_id, n.location_id, n.movement_type, n.transaction_type,
            n.quantity, n.occurred_at, n.recorded_at, n.unit_cost, n.reference, n.idempotency_key,
            n.reverses_id, n.user_id, n.notes, n.metadata, n.batch_id, n.batch_number,
            n.expiry_date
        from new_rows as n
        where n.occurred_at < v_closed;

        insert into stocksync._passes default values;
        update public.stock_movements as m
        set occurred_at = v_closed
        from new_rows as n
        where n.id = m.id and n.occurred_at < v_closed;
        delete from stocksync._passes as p where p.xid = pg_current_xact_id();
    end if;

    if v_has_archived then
        perform stocksync._refuse_archived_key(k)
        from new_rows as n
        join stocksync.archived_keys as k on k.idempotency_key = n.idempotency_key;

        -- Numbers grow, so that as a rule none is looked up.
        perform stocksync._refuse_archived_id(n.id)
        from new_rows as n
        join stocksync.archives as a on a.movement_ids @> n.id
        where a.restored_at is null
            and n.id < (
                select max(upper(u.movement_ids))
                from stocksync.archives as u
                where u.restored_at is null
            );
    end if;

    if v_tracks_batches then
        select array_agg(n.id) into v_booked_ids
        from new_rows as n
        -- not a join: a planner that knows of none that does would look at all that do for each row
        where (select p.tracks_batches from public.products as p where p.id = n.product_id);
    end if;

    v_has_changed := stocksync._capture(
        v_lines, greatest(v_first_at, v_closed), v_booked_ids, null, v_may_pend
    );

    if stocksync._is_back_dated(v_first_at) and stocksync._refuses_negative() then
        insert into stocksync._back_dated (effects)
        select array_agg(row(
            n.product_id, greatest(n.occurred_at, v_closed),
            case n.movement_type when 'in' then n.quantity else -n.quantity end
        )::stocksync._effect)
        from new_rows as n
        join public.products as p on p.id = n.product_id
        cross join stocksync.settings as s
        where not coalesce(p.allow_negative, s.allow_negative)
        having count(*) > 0;
    end if;
    return null;
end;
$function$;

comment on function stocksync.tg_stock_movements__capture_insert() is
    'Captures inserted movements. Raises foreign_key_violation for an unknown transaction type, check_violation for a contradicting direction or a reversal that does not match, SS005 where the period is closed and late movements are refused, unique_violation for the idempotency key or the number of an archived movement.';

create or replace trigger _500_capture_insert
    after insert on public.stock_movements
    referencing new table as new_rows
    for each statement
    execute function stocksync.tg_stock_movements__capture_insert();

comment on trigger _500_capture_insert on public.stock_movements is
    'Sums what an insert adds, for settle to apply at commit.';
