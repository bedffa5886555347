-- Opens the record of what an API shows: before the first question to it, since movements from then on
-- may be in its answer or not.

create or replace function stocksync.begin_api_reading(
    p_source text,
    p_match_by text default 'id',
    p_grace interval default '10 seconds',
    p_shown_at timestamptz default null
)
returns bigint
language plpgsql
volatile
security definer -- nobody writes readings by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_reading_id bigint;
begin
    if p_shown_at > clock_timestamp() then
        raise exception '% is in the future', p_shown_at
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the moment at which the file was written.';
    end if;

    insert into stocksync.api_readings (source, match_by, grace, shown_at)
    values (p_source, p_match_by, p_grace, p_shown_at)
    returning id into v_reading_id;
    return v_reading_id;
end;
$function$;

comment on function stocksync.begin_api_reading(text, text, interval, timestamptz) is
    'Begins the reading of an API, before it is asked, and returns the number of the reading. p_source: where from, without secrets. p_match_by: what the API calls a product, its "id" or its "sku". p_grace: how long the API may take to show a movement, or be ahead of it; a day at most. p_shown_at: of a file, the moment that it is of; null: now. Then stocksync.stage_api_items(), stocksync.end_api_reading(). Raises invalid_parameter_value for a time in the future, check_violation for another p_match_by or p_grace.';
