-- An import is a run like others: who brought in what, when, from which file.

create or replace function stocksync._record_import(
    p_kind text,
    p_file text,
    p_started_at timestamptz,
    p_counts jsonb,
    p_movement_ids int8multirange
)
returns void
language plpgsql
volatile
security definer -- nobody writes runs and log by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run_id bigint;
begin
    insert into stocksync.runs (command, options, started_at, finished_at, movement_ids)
    values (
        format('import %s', p_kind),
        jsonb_strip_nulls(jsonb_build_object('file', p_file)),
        p_started_at,
        clock_timestamp(),
        p_movement_ids
    )
    returning id into v_run_id;

    perform stocksync._write_log(
        'info', format('%s imported', p_kind),
        p_context => jsonb_strip_nulls(jsonb_build_object('run', v_run_id, 'file', p_file))
            || p_counts
    );
end;
$function$;

comment on function stocksync._record_import(text, text, timestamptz, jsonb, int8multirange) is
    'Writes the record of an import that has done its work and booked these movements, and logs it.';

-- Of products, which move nothing.
create or replace function stocksync._record_import(
    p_kind text,
    p_file text,
    p_started_at timestamptz,
    p_counts jsonb
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select stocksync._record_import(p_kind, p_file, p_started_at, p_counts, '{}');
$function$;

comment on function stocksync._record_import(text, text, timestamptz, jsonb) is
    'Writes the record of an import that booked no movements, and logs it.';
