-- Closes the record of a run and says in the log what came of it.

create or replace function stocksync._finish_run(p_run_id bigint)
returns void
language plpgsql
volatile
security definer -- nobody writes runs by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run stocksync.runs;
begin
    update stocksync.runs as u
    set finished_at = clock_timestamp(),
        seen_at = clock_timestamp()
    where u.id = p_run_id
    returning * into v_run;

    perform stocksync._write_log(
        case
            when v_run.products_failed > 0 then 'error'
            when v_run.products_corrected > 0 or v_run.products_found > 0 then 'warning'
            else 'info'
        end,
        case v_run.command
            when 'expire' then 'expired batches written off'
            when 'fix' then 'fix completed'
            else 'stock synchronization completed'
        end,
        p_context => jsonb_strip_nulls(jsonb_build_object(
            'run', p_run_id,
            'command', v_run.command,
            'products_found', v_run.products_found,
            'products_corrected', v_run.products_corrected,
            'products_failed', v_run.products_failed,
            'movements', case v_run.command when 'expire' then (
                select coalesce(sum(upper(i) - lower(i)), 0) from unnest(v_run.movement_ids) as i
            ) end,
            'seconds', round(extract(epoch from v_run.finished_at - v_run.started_at), 6)
        ))
    );
end;
$function$;

comment on function stocksync._finish_run(bigint) is
    'Records the end of a run and logs it.';
