-- Opens the record of a run that may correct stock, after a look at what it was asked for.

-- Until 0.4.0 it had four arguments.
drop function if exists stocksync._start_run(text, bigint, timestamptz, boolean);

create or replace function stocksync._start_run(
    p_command text,
    p_product_id bigint,
    p_since timestamptz,
    p_force boolean,
    p_more jsonb default '{}'
)
returns bigint
language plpgsql
volatile
security definer -- nobody writes runs by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run_id bigint;
begin
    perform stocksync.check_scope(p_product_id, p_since);

    insert into stocksync.runs (command, options, pid, seen_at)
    values (
        p_command,
        jsonb_strip_nulls(jsonb_build_object(
            'product_id', p_product_id, 'since', p_since, 'force', p_force
        ) || p_more),
        pg_backend_pid(),
        clock_timestamp()
    )
    returning id into v_run_id;

    perform stocksync._write_log(
        'info',
        case p_command
            when 'expire' then 'expiry started'
            when 'fix' then 'fix started'
            else 'stock synchronization started'
        end,
        p_product_id,
        (select u.options from stocksync.runs as u where u.id = v_run_id)
            || jsonb_build_object('run', v_run_id, 'command', p_command)
    );
    return v_run_id;
end;
$function$;

comment on function stocksync._start_run(text, bigint, timestamptz, boolean, jsonb) is
    'Records the start of a run, with its options (those in p_more too), and returns its number. Raises as stocksync.check_scope() does.';
