-- Whether what is to be fixed can be told: asked before a dry run as before a live one.

create or replace function stocksync._check_fix(p_kinds text[], p_report jsonb)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_kind text;
begin
    if coalesce(cardinality(p_kinds), 0) = 0 then
        raise exception 'nothing to fix is named'
            using errcode = 'invalid_parameter_value',
                  hint = 'Name one or more of "fields", "batches", "ledger" and "missing".';
    end if;

    foreach v_kind in array p_kinds loop
        if coalesce(v_kind not in ('fields', 'batches', 'ledger', 'missing'), true) then
            raise exception 'unknown kind of fix "%"', v_kind
                using errcode = 'invalid_parameter_value',
                      hint = 'Use "fields", "batches", "ledger" or "missing".';
        end if;
    end loop;

    if p_report is null then
        return;
    end if;

    perform stocksync._check_report(p_report, 'given');

    if p_report ->> 'database' <> current_database() then
        raise exception 'the report is of database "%"', p_report ->> 'database'
            using errcode = 'invalid_parameter_value',
                  detail = format('This is database "%s".', current_database()),
                  hint = 'Audit this one, or connect to the other.';
    end if;
end;
$function$;

comment on function stocksync._check_fix(text[], jsonb) is
    'Raises invalid_parameter_value for a kind of fix that is none, and for a report that is none or of another database.';
