-- Takes closings back, the last first: a balance stands on those before it. They stay on record.

create or replace function stocksync.reopen_period(p_from date default null)
returns bigint
language plpgsql
volatile
security definer -- nobody opens the books by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_first timestamptz;
    v_before timestamptz;
    v_archive stocksync.archives;
    v_reopened bigint;
begin
    -- One closing or reopening at a time.
    perform pg_advisory_xact_lock(stocksync._lock_key('closing'));

    select case when p_from is null then max(c.closed_before) else min(c.closed_before) end
    into v_first
    from stocksync.closings as c
    where c.reopened_at is null and (p_from is null or c.closed_through >= p_from);

    update stocksync.closings as c
    set reopened_at = clock_timestamp(), reopened_by = session_user
    where c.reopened_at is null and c.closed_before >= v_first;

    get diagnostics v_reopened = row_count;

    if v_reopened = 0 then
        raise exception 'no period is closed'
            using errcode = 'no_data_found',
                  detail = 'No closing '
                      || coalesce('through ' || p_from || ' or a later day ', '')
                      || 'holds.',
                  hint = 'List the closings with "stocksync close --list".';
    end if;

    v_before := coalesce(
        (select max(c.closed_before) from stocksync.closings as c where c.reopened_at is null),
        '-infinity'
    );

    select * into v_archive
    from stocksync.archives as a
    where a.restored_at is null and a.archived_before > v_before
    order by a.archived_before desc
    limit 1;

    if found then
        raise exception 'movements of that period are archived'
            using errcode = 'object_not_in_prerequisite_state',
                  detail = format('Movements before %s are in "%s".',
                      v_archive.archived_before, v_archive.file),
                  hint = 'Put them back first with "stocksync archive --restore FILE".';
    end if;

    update stocksync._closed set before = v_before;

    perform stocksync._write_log(
        'warning', 'period reopened',
        p_context => jsonb_build_object(
            'closings', v_reopened, 'open_from', nullif(v_before, '-infinity')
        )
    );
    return v_reopened;
end;
$function$;

comment on function stocksync.reopen_period(date) is
    'Takes back every closing through this day or a later one (null: the last one) and returns how many. Raises no_data_found if there is none, object_not_in_prerequisite_state where movements of the period are archived.';
