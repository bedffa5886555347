-- Whether a document is an audit's report, before anything is concluded from it: it may have been cut,
-- or edited by hand.

create or replace function stocksync._check_report(p_report jsonb, p_which text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wrong text;
begin
    if p_report ->> 'schema' = 'stocksync-audit-1' then
        v_wrong := case
            when jsonb_typeof(p_report -> 'database') is distinct from 'string'
                then '"database" is missing.'
            when jsonb_typeof(p_report -> 'run') is distinct from 'number' then '"run" is missing.'
            when jsonb_typeof(p_report -> 'sources') is distinct from 'array'
                then '"sources" is missing.'
            when jsonb_typeof(p_report -> 'scope') is distinct from 'object'
                then '"scope" is missing.'
            when not p_report -> 'scope' ?& '{products,product_id,deep}'
                then '"scope" does not say what was compared.'
            when jsonb_typeof(p_report -> 'findings') is distinct from 'array'
                then '"findings" is missing.'
        end;
    else
        v_wrong := case
            when jsonb_typeof(p_report) is distinct from 'object' then 'It is no object of JSON.'
            when p_report ? 'schema' then format('Its "schema" is %s.', p_report -> 'schema')
            else 'It has no "schema".'
        end;
    end if;

    if v_wrong is null then
        select format('Its finding number %s is broken.', e.position) into v_wrong
        from jsonb_array_elements(p_report -> 'findings') with ordinality as e (finding, position)
        where not coalesce(
            jsonb_typeof(e.finding -> 'classes') = 'array'
            and jsonb_typeof(e.finding -> 'stock') = 'object'
            and (
                (e.finding ->> 'product_id') ~ '^-?\d{1,18}$'
                or jsonb_typeof(e.finding -> 'api_id') = 'string'
                -- what an API shows without an id
                or e.finding -> 'classes' ? 'unreadable_in_api'
            )
            and e.finding ? 'difference'
            and not exists (
                select
                from jsonb_each(
                    (e.finding -> 'stock')
                        || jsonb_build_object('difference', e.finding -> 'difference')
                ) as s
                where jsonb_typeof(s.value) not in ('number', 'null')
                    -- for which JSON has no number
                    and s.value not in ('"NaN"', '"Infinity"', '"-Infinity"')
            ),
            false
        )
        order by e.position
        limit 1;
    end if;

    if v_wrong is not null then
        raise exception 'the report % is none of an audit', p_which
            using errcode = 'invalid_parameter_value',
                  detail = v_wrong,
                  hint = 'Give what "stocksync audit --export FILE.json" or stocksync.audit_report() wrote, as it was.';
    end if;
end;
$function$;

comment on function stocksync._check_report(jsonb, text) is
    'Raises invalid_parameter_value if p_report is no report of an audit, or a broken one; p_which says in the message which it is.';
