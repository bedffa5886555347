-- Records the counts of a file as one run.

create or replace function stocksync._import_counts(
    p_counts stocksync.counts[],
    p_file text,
    p_started_at timestamptz
)
returns table (counted bigint, corrected bigint, equal bigint, moved_since bigint)
language plpgsql
volatile
security definer -- nobody writes counts, runs and log by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run_id bigint;
    v_counts stocksync.counts[];
    v_movement_ids int8multirange;
begin
    insert into stocksync.runs (command, options, started_at)
    values (
        'import counts', jsonb_strip_nulls(jsonb_build_object('file', p_file)), p_started_at
    )
    returning id into v_run_id;

    select array_agg(c) into v_counts
    from stocksync._record_counts((
        select array_agg(row(
            g.id, g.product_id, g.location_id, g.counted_at, g.quantity, g.expected, g.balance,
            g.recorded_at, g.recorded_by, v_run_id, g.user_id, g.notes, g.batch_id
        )::stocksync.counts order by g.position)
        from unnest(p_counts) with ordinality as g (
            id, product_id, location_id, counted_at, quantity, expected, balance, recorded_at,
            recorded_by, run_id, user_id, notes, batch_id, position
        )
    )) as c;

    -- Not above: the snapshot of that statement is older than what it books.
    select count(*), count(e.movement_id), count(*) - count(e.movement_id),
        count(*) filter (where e.moved_since <> 0),
        coalesce(
            range_agg(int8range(e.movement_id, e.movement_id, '[]'))
                filter (where e.movement_id is not null),
            '{}'
        )
    into counted, corrected, equal, moved_since, v_movement_ids
    from unnest(v_counts) as c
    cross join stocksync._count_effect(c) as e;

    update stocksync.runs as u
    set finished_at = clock_timestamp(), movement_ids = v_movement_ids
    where u.id = v_run_id;

    perform stocksync._write_log(
        'info', 'counts imported',
        p_context => jsonb_strip_nulls(jsonb_build_object(
            'run', v_run_id, 'file', p_file, 'counted', counted, 'corrected', corrected,
            'equal', equal, 'moved_since', moved_since
        ))
    );
    return next;
end;
$function$;

comment on function stocksync._import_counts(stocksync.counts[], text, timestamptz) is
    'Records these counts and the run that brought them. Returns as stocksync.import_counts() does, and raises as stocksync.record_count() does.';
