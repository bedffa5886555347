-- Moves the movements of closed periods out of the ledger into a file that has been written and read
-- back: what is removed is what was read, row by row and column by column, and all of it. Their days
-- stay, and so do their idempotency keys.

create or replace function stocksync.archive_movements(
    p_through date,
    p_file text,
    p_sha256 text
)
returns bigint
language plpgsql
volatile
security definer -- nobody deletes movements by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_archive_id bigint;
    v_archivable bigint;
    v_read bigint;
    v_removed bigint;
begin
    -- One archive at a time, and no reopening meanwhile.
    perform pg_advisory_xact_lock(stocksync._lock_key('closing'));
    -- Whoever changes the time zone waits from here on; what changed before, an older snapshot does
    -- not see: see stocksync._capture().
    lock table public.stock_movements in row exclusive mode;
    perform from stocksync.settings as s where s.xmax <> 0 for share;
    perform stocksync._check_staged();

    select count(*) into v_archivable from stocksync.archivable(p_through);
    select count(*) into v_read from pg_temp.stocksync_archive;

    if v_archivable = 0 then
        return null;
    end if;

    insert into stocksync.archives (
        closing_id, archived_before, time_zone, file, sha256, content_sha256, movements,
        movement_ids, last_recorded_at
    )
    select c.id, c.closed_before, t.time_zone, p_file, p_sha256,
        coalesce(stocksync._staged_sha256(), ''), v_read, s.movement_ids,
        greatest(s.last_recorded_at, (
            select max(h.replaced_at)
            from pg_temp.stocksync_archive as a
            join stocksync.movement_history as h on h.movement_id = a.id
        ))
    from stocksync.closings as c
    cross join stocksync.settings as t
    cross join (
        select coalesce(range_agg(int8range(a.id, a.id, '[]')), '{}') as movement_ids,
            coalesce(max(a.recorded_at), '-infinity') as last_recorded_at
        from pg_temp.stocksync_archive as a
    ) as s
    where c.closed_through = p_through and c.closed_at is not null and c.reopened_at is null
    order by c.closed_before desc
    limit 1
    returning id into v_archive_id;

    insert into stocksync.archived_daily (
        archive_id, product_id, location_id, day, transaction_type, quantity, movements
    )
    select v_archive_id, a.product_id, a.location_id, (a.occurred_at at time zone s.time_zone)::date,
        a.transaction_type,
        trim_scale(sum(case a.movement_type when 'in' then a.quantity else -a.quantity end)),
        count(*)
    from pg_temp.stocksync_archive as a
    cross join stocksync.settings as s
    group by 1, 2, 3, 4, 5;

    insert into stocksync.archived_keys (
        idempotency_key, archive_id, movement_id, movement_type, occurred_at, recorded_at,
        given_at, content_md5
    )
    select a.idempotency_key, v_archive_id, a.id, a.movement_type, a.occurred_at, a.recorded_at,
        coalesce(h.occurred_at, a.occurred_at),
        stocksync._content_md5(
            a.product_id, a.location_id, a.transaction_type, a.quantity, a.unit_cost, a.reference,
            a.user_id, a.notes, a.metadata, a.batch_id, a.batch_number, a.expiry_date
        )
    from pg_temp.stocksync_archive as a
    left join stocksync.movement_history as h
        on h.movement_id = a.id and h.recorded_at = a.recorded_at and h.operation = 'late'
    where a.idempotency_key is not null;

    -- Compared in the statement that removes, so that nothing changes in between.
    insert into stocksync._passes default values;
    delete from public.stock_movements as m
    using pg_temp.stocksync_archive as a, stocksync.archivable(p_through) as b
    where b.id = a.id
        and m.id = a.id
        and m *= a; -- 5.0 is not the same as 5 here
    get diagnostics v_removed = row_count;
    delete from stocksync._passes as p where p.xid = pg_current_xact_id();

    if (v_removed, v_read) is distinct from (v_archivable, v_archivable) then
        raise exception 'the file does not hold the movements that are to be archived'
            using errcode = 'data_corrupted',
                  detail = format('There are %s; the file holds %s, of which %s are the same.',
                      v_archivable, v_read, v_removed),
                  hint = 'Nothing was removed. Write the file again.';
    end if;

    update stocksync._closed set has_archived = true;

    perform stocksync._write_log(
        'warning', 'movements archived',
        p_context => jsonb_build_object(
            'archive', v_archive_id, 'closed_through', p_through, 'movements', v_removed,
            'file', p_file, 'sha256', p_sha256
        )
    );
    return v_archive_id;
end;
$function$;

comment on function stocksync.archive_movements(date, text, text) is
    'Removes the movements of stocksync.archivable(p_through) from the ledger, if the temporary table stocksync_archive, read back from the file, holds exactly these; returns the number of the archive, null if there is nothing to archive. p_file and p_sha256 (of the file before it is packed, in hexadecimal) are for the record and for restoring. Stock, turnovers by day, idempotency keys and balances of closings are kept. Raises data_corrupted if the file holds anything else, object_not_in_prerequisite_state if the books are not closed through that day.';
