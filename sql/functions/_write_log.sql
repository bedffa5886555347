-- The one way into stocksync.log, so that every event has the same shape.

create or replace function stocksync._write_log(
    p_level text,
    p_message text,
    p_product_id bigint default null,
    p_context jsonb default '{}'
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into stocksync.log (level, message, product_id, context)
    values (p_level, p_message, p_product_id, p_context);
$function$;

comment on function stocksync._write_log(text, text, bigint, jsonb) is
    'Writes one event to stocksync.log as the session user.';
