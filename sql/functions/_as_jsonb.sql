-- Reads JSON somebody wrote. No pattern can tell what is JSON, so here it takes an exception; texts
-- that are null, as most are, do not come here.

create or replace function stocksync._as_jsonb(p_text text)
returns jsonb
language plpgsql
immutable
strict
set search_path = pg_catalog, pg_temp
as $function$
begin
    return p_text::jsonb;
-- the second for what is nested too deeply
exception when data_exception or program_limit_exceeded then
    return null;
end;
$function$;

comment on function stocksync._as_jsonb(text) is
    'The text as JSON; null for what is none and for null.';
