-- Puts archived movements back, as they were: numbers, times and all.

create or replace function stocksync.restore_archive(p_sha256 text)
returns bigint
language plpgsql
volatile
security definer -- nobody writes movements with numbers and times of their own
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_archive stocksync.archives;
    v_restored bigint;
begin
    -- One archive at a time, and no reopening meanwhile.
    perform pg_advisory_xact_lock(stocksync._lock_key('closing'));
    -- Whoever changes the time zone waits from here on; what changed before, an older snapshot does
    -- not see: see stocksync._capture().
    lock table public.stock_movements in row exclusive mode;
    perform from stocksync.settings as s where s.xmax <> 0 for share;
    perform stocksync._check_staged();

    select * into v_archive
    from stocksync.archives as a
    where a.sha256 = p_sha256
    order by a.restored_at is not null, a.id desc
    limit 1;

    if not found then
        raise exception 'the file is no archive of this database'
            using errcode = 'no_data_found',
                  detail = 'No archive has its checksum: it was changed, or written elsewhere.',
                  hint = 'The files are named in stocksync.archives.';
    elsif v_archive.restored_at is not null then
        raise exception 'archive % was restored already', v_archive.id
            using errcode = 'object_not_in_prerequisite_state',
                  detail = format('On %s.', v_archive.restored_at);
    end if;

    select count(*) into v_restored from pg_temp.stocksync_archive;

    if stocksync._staged_sha256() is distinct from v_archive.content_sha256 then
        raise exception 'the file does not hold the movements of archive %', v_archive.id
            using errcode = 'data_corrupted',
                  detail = format('It holds %s; %s were archived; something is not the same.',
                      v_restored, v_archive.movements),
                  hint = 'Nothing was restored. Use the file as it was written.';
    end if;

    insert into stocksync._passes default values;
    insert into public.stock_movements select * from pg_temp.stocksync_archive as a order by a.id;
    delete from stocksync._passes as p where p.xid = pg_current_xact_id();

    -- The roll-up may have them on days of the time zone that the shop had then.
    insert into stocksync._journal (lines, is_settled)
    select array_agg(row(
        u.product_id, u.location_id, u.day, u.transaction_type, u.quantity, u.movements
    )::stocksync._line), true
    from (
        select t.product_id, t.location_id, t.day, t.transaction_type,
            sum(t.quantity) as quantity, sum(t.movements)::integer as movements
        from (
            select a.product_id, a.location_id,
                (a.occurred_at at time zone s.time_zone)::date as day, a.transaction_type,
                case a.movement_type when 'in' then a.quantity else -a.quantity end as quantity,
                1 as movements
            from pg_temp.stocksync_archive as a
            cross join stocksync.settings as s
            union all
            select d.product_id, d.location_id, d.day, d.transaction_type, -d.quantity, -d.movements
            from stocksync._archived_turnovers as d
            where d.archive_id = v_archive.id
        ) as t
        group by t.product_id, t.location_id, t.day, t.transaction_type
    ) as u
    where u.quantity <> 0 or u.movements <> 0
    having count(*) > 0;

    delete from stocksync.archived_daily as d where d.archive_id = v_archive.id;
    delete from stocksync.archived_keys as k where k.archive_id = v_archive.id;

    update stocksync.archives as a set restored_at = clock_timestamp() where a.id = v_archive.id;
    update stocksync._closed
    set has_archived = exists (select from stocksync.archives as a where a.restored_at is null);

    perform stocksync._write_log(
        'warning', 'archived movements restored',
        p_context => jsonb_build_object(
            'archive', v_archive.id, 'movements', v_restored, 'file', v_archive.file
        )
    );
    return v_restored;
end;
$function$;

comment on function stocksync.restore_archive(text) is
    'Puts the movements in the temporary table stocksync_archive back into the ledger, if they are those of the archive with this checksum, and returns how many. Raises no_data_found if there is no such archive, object_not_in_prerequisite_state if it was restored already, data_corrupted if the table holds anything else.';
