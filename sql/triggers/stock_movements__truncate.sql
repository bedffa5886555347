-- TRUNCATE would empty the ledger without a word. It is refused unless the transaction says that it
-- means it; then the stock follows to zero, and history and log keep what was there.

create or replace function stocksync.tg_stock_movements__truncate()
returns trigger
language plpgsql
security definer -- writes tables that nobody else may write
set search_path = pg_catalog, pg_temp
as $function$
begin
    if current_setting('stocksync.allow_truncate', true) is distinct from 'on' then
        raise exception 'stock_movements is a ledger and cannot be truncated'
            using errcode = 'SS004',
                  hint = 'If you mean it, say first, in the same transaction: set local stocksync.allow_truncate = on.',
                  schema = 'public', table = 'stock_movements';
    end if;

    -- TRUNCATE removes what an older snapshot does not see, and capture would miss it.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'stock_movements can only be truncated at READ COMMITTED'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin the transaction with isolation level read committed.',
                  schema = 'public', table = 'stock_movements';
    end if;

    perform stocksync._refuse_closed(
        (select min(m.occurred_at) from public.stock_movements as m)
    );

    if exists (select from stocksync.archives as a where a.restored_at is null) then
        raise exception 'movements are archived'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Put them back first with "stocksync archive --restore FILE": their numbers must not be used again.',
                  schema = 'public', table = 'stock_movements';
    end if;

    -- Counted was the stock of movements that are gone. Their numbers may be used again, and are
    -- then those of others.
    update stocksync.counts set balance = null where balance is not null;
    delete from stocksync.count_corrections;
    update stocksync.runs set movement_ids = '{}' where not isempty(movement_ids);

    perform stocksync._capture((
        select array_agg(row(
            c.product_id, c.location_id, c.day, c.transaction_type, c.quantity, c.movements
        )::stocksync._line)
        from (
            select
                m.product_id,
                m.location_id,
                (m.occurred_at at time zone s.time_zone)::date as day,
                m.transaction_type,
                sum(case m.movement_type when 'in' then -m.quantity else m.quantity end)
                    as quantity,
                -count(*)::integer as movements
            from public.stock_movements as m
            cross join stocksync.settings as s
            group by 1, 2, 3, 4
        ) as c
    ), p_unbooked_ids => (
        select array_agg(u.movement_id)
        from (
            select c.movement_id from public.batch_receipts as c where c.movement_id is not null
            union
            select c.movement_id from public.batch_consumptions as c
        ) as u
    ));

    insert into stocksync.movement_history (
        operation, movement_id, product_id, location_id, movement_type, transaction_type, quantity,
        occurred_at, recorded_at, unit_cost, reference, idempotency_key, reverses_id, user_id,
        notes, metadata, batch_id, batch_number, expiry_date
    )
    select 'truncate', m.id, m.product_id, m.location_id, m.movement_type, m.transaction_type,
        m.quantity, m.occurred_at, m.recorded_at, m.unit_cost, m.reference, m.idempotency_key,
        m.reverses_id, m.user_id, m.notes, m.metadata, m.batch_id, m.batch_number, m.expiry_date
    from public.stock_movements as m;

    perform stocksync._write_log(
        'warning',
        'movements truncated',
        p_context => jsonb_build_object(
            'movements', (select count(*) from public.stock_movements)
        )
    );
    return null;
end;
$function$;

comment on function stocksync.tg_stock_movements__truncate() is
    'Refuses TRUNCATE with SS004, or captures it where stocksync.allow_truncate is on; with SS005 where movements are closed, object_not_in_prerequisite_state where they are archived.';

create or replace trigger _500_truncate
    before truncate on public.stock_movements
    for each statement
    execute function stocksync.tg_stock_movements__truncate();

comment on trigger _500_truncate on public.stock_movements is
    'Refuses TRUNCATE unless the transaction says that it means it.';
