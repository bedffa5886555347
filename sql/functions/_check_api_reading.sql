-- Half a list would say of the other half that it is missing.

create or replace function stocksync._check_api_reading(p_reading_id bigint)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_is_complete boolean;
begin
    select r.finished_at is not null and (r.reread_at is null or r.reread_finished_at is not null)
    into v_is_complete
    from stocksync.api_readings as r
    where r.id = p_reading_id;

    if not found then
        raise exception 'reading % does not exist', p_reading_id
            using errcode = 'no_data_found',
                  hint = 'Readings are kept for a week: read the API again.';
    elsif not v_is_complete then
        raise exception 'reading % is not complete', p_reading_id
            using errcode = 'object_not_in_prerequisite_state',
                  detail = 'The API was not read to its end, so that nobody knows what it does not show.',
                  hint = 'Read it again.';
    end if;
end;
$function$;

comment on function stocksync._check_api_reading(bigint) is
    'Raises no_data_found for an unknown reading and object_not_in_prerequisite_state for one that is not complete.';
