-- First step of a closing: says from when on the ledger is open.

create or replace function stocksync._start_closing(p_through date)
returns bigint
language plpgsql
volatile
security definer -- nobody closes by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_before constant timestamptz := stocksync._day_start(p_through + 1);
    v_closed timestamptz;
    v_closing stocksync.closings;
begin
    if p_through is null or not p_through < stocksync._shop_day() then
        raise exception 'the day % is not over', p_through
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the last day of the period: at the latest that of yesterday.';
    end if;

    -- One closing or reopening at a time.
    -- Not by a lock on the row of _closed: its next version would inherit it, and every insert above
    -- READ COMMITTED would have to take one too, see _capture().
    perform pg_advisory_xact_lock(stocksync._lock_key('closing'));
    select c.before into v_closed from stocksync._closed as c;

    select * into v_closing
    from stocksync.closings as c
    where c.reopened_at is null and (c.closed_at is null or c.closed_before = v_before)
    order by c.closed_at is not null
    limit 1;

    if v_closing.closed_through = p_through or v_closing.closed_before = v_before then
        return v_closing.id;
    elsif found then
        raise exception 'the closing through % has not ended', v_closing.closed_through
            using errcode = 'object_not_in_prerequisite_state',
                  detail = 'It waits for transactions that write movements, or it was killed.',
                  hint = format('End it with "stocksync close %s", or take it back with "stocksync close --reopen".',
                      v_closing.closed_through);
    elsif v_before <= v_closed then
        raise exception 'the books are closed through a later day than %', p_through
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'List the closings with "stocksync close --list"; take them back with "stocksync close --reopen".';
    end if;

    insert into stocksync.closings (closed_through, closed_before)
    values (p_through, v_before)
    returning * into v_closing;

    update stocksync._closed set before = v_before;

    perform stocksync._write_log(
        'info', 'closing started',
        p_context => jsonb_build_object('closing', v_closing.id, 'closed_through', p_through)
    );
    return v_closing.id;
end;
$function$;

comment on function stocksync._start_closing(date) is
    'Refuses late movements from now on, and returns the number of the closing. Raises as stocksync.close_period() does.';
