-- What became of the mismatches between two audits: whether a fix has helped.

create or replace function stocksync.compare_reports(p_before jsonb, p_after jsonb)
returns table (
    product_id bigint,
    api_id text,
    sku text,
    name text,
    state text,
    classes_before text[],
    classes_after text[],
    difference_before numeric,
    difference_after numeric
)
language plpgsql
stable
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    r record;
begin
    perform stocksync._check_report(p_before, 'before');
    perform stocksync._check_report(p_after, 'after');

    if p_before -> 'database' <> p_after -> 'database' then
        raise exception 'the reports are of different databases: % and %',
            p_before -> 'database', p_after -> 'database'
            using errcode = 'invalid_parameter_value',
                  hint = 'Give two reports of the same shop.';
    elsif (p_before -> 'run')::numeric > (p_after -> 'run')::numeric then
        raise exception 'the report before is of a later audit than the report after'
            using errcode = 'invalid_parameter_value',
                  detail = format('They are of the runs %s and %s.', p_before -> 'run', p_after -> 'run'),
                  hint = 'Give the older one first.';
    end if;

    for r in
        select v.which, v.omitted
        from (values ('before', p_before -> 'omitted'), ('after', p_after -> 'omitted'))
            as v (which, omitted)
        where v.omitted > '0'
    loop
        raise exception 'the report % leaves out % findings', r.which, r.omitted
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the whole one: select stocksync.audit_report(run).';
    end loop;

    return query
    select s.product_id, s.api_id, s.sku, s.name, s.state, s.classes_before, s.classes_after,
        s.difference_before, s.difference_after
    from (
        select
            coalesce(b.product_id, a.product_id) as product_id,
            coalesce(b.api_id, a.api_id) as api_id,
            coalesce(a.sku, b.sku) as sku,
            coalesce(a.name, b.name) as name,
            case
                when b.key is null or b.looked_at = '{}' then
                    case when a.looked_at <> '{}' then 'new' else 'not_compared' end
                when a.key is null or a.looked_at = '{}' then 'resolved'
                when b.looked_at = a.looked_at and b.offsets is not distinct from a.offsets
                    then 'same'
                else 'changed'
            end as state,
            b.classes as classes_before, a.classes as classes_after,
            b.difference as difference_before, a.difference as difference_after
        from stocksync._report_findings(p_before, p_after) as b
        full join stocksync._report_findings(p_after, p_before) as a on a.key = b.key
    ) as s
    order by array_position('{new,changed,same,not_compared,resolved}', s.state), s.product_id,
        s.api_id;
end;
$function$;

comment on function stocksync.compare_reports(jsonb, jsonb) is
    'What became of the mismatches between two reports of stocksync.audit_report(): "new", "changed" (wrong in both, in another way), "same", "resolved", or "not_compared" where one of the audits did not look (at the product, or at the source that was wrong). What only lagged is left out. Raises invalid_parameter_value for what is no report, leaves findings out, is of another database, or is given in the wrong order.';
