-- What a step of a run did and took: since its transaction began.

create or replace function stocksync._record_step(p_run_id bigint, p_step text, p_done jsonb)
returns void
language sql
volatile
security definer -- nobody writes runs by hand
set search_path = pg_catalog, pg_temp
as $function$
    update stocksync.runs as u
    set cost = u.cost || jsonb_build_array(jsonb_build_object(
            'step', p_step,
            'seconds', round(extract(epoch from clock_timestamp() - now()), 6),
            'done', p_done
        )),
        seen_at = clock_timestamp()
    where u.id = p_run_id;
$function$;

comment on function stocksync._record_step(bigint, text, jsonb) is
    'Adds a step to the cost of a run: its name, seconds since the transaction began, and what it dealt with.';
