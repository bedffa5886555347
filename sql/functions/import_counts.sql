-- Last step of an import: records the counts that are staged, all of them or, where a line has a
-- problem, nothing. Products are locked in one order, and the ledger is read for all of them at once.

create or replace function stocksync.import_counts(p_file text default null)
returns table (
    counted bigint,
    corrected bigint,
    equal bigint,
    moved_since bigint,
    problems bigint
)
language plpgsql
volatile
-- compiling takes longer than running
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_started_at constant timestamptz := clock_timestamp();
    v_counts stocksync.counts[];
begin
    -- 1. One import at a time, as of movements.
    perform pg_advisory_xact_lock(stocksync._lock_key('import'));

    counted := 0;
    corrected := 0;
    equal := 0;
    moved_since := 0;

    -- 2. All or nothing.
    select count(*) into problems from stocksync.import_problems('counts');

    if problems > 0 then
        return next;
        return;
    end if;

    -- 3. The counts, in the order of the file.
    select array_agg(row(
        null, s.product_id, s.location_id, s.counted_at, s.quantity, null, null, null, null, null,
        s.user_id, s.notes, s.batch_id
    )::stocksync.counts order by s.line)
    into v_counts
    from pg_temp.stocksync_import_counts as s;

    select i.counted, i.corrected, i.equal, i.moved_since
    into counted, corrected, equal, moved_since
    from stocksync._import_counts(coalesce(v_counts, '{}'), p_file, v_started_at) as i;
    return next;
end;
$function$;

comment on function stocksync.import_counts(text) is
    'Records the counts in stocksync_import as stocksync.record_count() does and returns how many, how many of them differed from the stock and were corrected, how many were equal, of how many the stock has moved since they were counted, and how many problems there are: if any, nothing was done, and stocksync.import_problems() tells them. A line with batch_number is of that batch; one without counted_at is of now; a day alone is its end. p_file is the name for the log. Raises as stocksync.record_count() does.';
