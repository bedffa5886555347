-- The sources that an audit's report is about, checked before anything is left out for a typing error.

create or replace function stocksync._check_sources(p_sources text[])
returns text[]
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_known constant text[] :=
        '{quantity_on_hand,total_stock,ledger,rolled_up,by_location,batches,api}';
    v_unknown text;
begin
    select s.source into v_unknown
    from unnest(p_sources) as s (source)
    where s.source is null or not s.source = any (v_known)
    limit 1;

    if found then
        raise exception 'unknown source "%"', coalesce(v_unknown, 'null')
            using errcode = 'invalid_parameter_value',
                  hint = 'The sources are ' || array_to_string(v_known, ', ') || '.';
    end if;
    return case
        when p_sources is not null then array(
            select k.source from unnest(v_known) as k (source) where k.source = any (p_sources)
        )
    end;
end;
$function$;

comment on function stocksync._check_sources(text[]) is
    'These sources without duplicates, in the order of a report; null for null. Raises invalid_parameter_value for one that there is not.';
