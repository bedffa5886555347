-- People say the name of a place where tables say a number.

create or replace function stocksync.location_id(p_name text)
returns bigint
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_id bigint;
begin
    select l.id into v_id from public.locations as l where l.name = p_name;

    if not found then
        raise exception 'unknown location "%"', p_name
            using errcode = 'no_data_found',
                  hint = 'Names are case-sensitive. The locations are in public.locations.';
    end if;
    return v_id;
end;
$function$;

comment on function stocksync.location_id(text) is
    'The number of the location with this name. Raises no_data_found if there is none; null for null.';
