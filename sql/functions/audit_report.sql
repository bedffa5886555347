-- What an audit found, as one document that programs and people keep: stable, and described by
-- stocksync/audit-report.schema.json.

create or replace function stocksync.audit_report(
    p_run_id bigint,
    p_sources text[] default null,
    p_limit bigint default null
)
returns jsonb
language sql
stable
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
    with reported as materialized (
        select * from stocksync._reported(p_run_id, stocksync._check_sources(p_sources))
    ),
    step as (
        select c.done from stocksync.run_cost(p_run_id) as c where c.step = 'compare'
    )
    select jsonb_build_object(
        'schema', 'stocksync-audit-1',
        'database', current_database(),
        'run', u.id,
        'actor', u.actor,
        'started_at', u.started_at,
        'finished_at', u.finished_at,
        'scope', jsonb_build_object(
            'products', u.options -> 'products',
            'product_id', u.options -> 'product_id',
            'reading', u.options -> 'reading',
            'deep', u.options ? 'deep'
        ),
        'sources', array_remove(
            coalesce(
                stocksync._check_sources(p_sources),
                '{quantity_on_hand,total_stock,ledger,rolled_up,by_location,batches,api}'
            ),
            -- nobody has looked at what was not read
            case when not u.options ? 'reading' then 'api' end
        ),
        'summary', jsonb_build_object(
            'products', (select s.done -> 'products' from step as s),
            'mismatches', (select count(*) from reported as r where not r.is_lag),
            'lag', (select count(*) from reported as r where r.is_lag),
            'once_negative', (select s.done -> 'once_negative' from step as s),
            'by_class', (
                select coalesce(jsonb_object_agg(c.class, c.findings), '{}')
                from (
                    select c.class, count(*) as findings
                    from reported as r
                    cross join unnest(r.classes) as c (class)
                    group by c.class
                ) as c
            ),
            'by_cause', (
                select coalesce(jsonb_object_agg(c.cause, c.findings), '{}')
                from (
                    select c.cause, count(*) as findings
                    from reported as r
                    cross join unnest(r.causes) as c (cause)
                    group by c.cause
                ) as c
            )
        ),
        'omitted', (select count(*) from reported as r where r.position > p_limit),
        'findings', (
            select coalesce(jsonb_agg(r.finding order by r.position), '[]')
            from reported as r
            where p_limit is null or r.position <= p_limit
        )
    )
    from stocksync.runs as u
    where u.id = p_run_id
        and u.command = 'audit'
        and u.finished_at is not null;
$function$;

comment on function stocksync.audit_report(bigint, text[], bigint) is
    'What an audit found, as a document of the schema "stocksync-audit-1": which audit, what it compared, a summary, and the findings, the furthest apart first. p_sources: only what is wrong with these (names as in "stock"; null: all). p_limit: at most so many findings, "omitted" says how many there are besides. Null for a run that is no audit, or has not finished. Raises invalid_parameter_value for an unknown source.';
