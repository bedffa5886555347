-- History that somebody rewrote is worth a warning, even where the stock follows it exactly.

create or replace function stocksync._log_changed_movements(p_message text, p_movement_ids bigint[])
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select stocksync._write_log(
        'warning',
        p_message,
        p_context => jsonb_build_object(
            'movements', cardinality(p_movement_ids),
            -- The rest is in movement_history: an event stays readable.
            'first_movement_ids', to_jsonb(p_movement_ids[1:10])
        )
    )
    where p_movement_ids <> '{}';
$function$;

comment on function stocksync._log_changed_movements(text, bigint[]) is
    'Logs a warning that these movements were updated or deleted; nothing where there are none.';
