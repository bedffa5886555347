-- Fixes what an audit finds, chunk by chunk, each in a transaction of its own: a run that is killed
-- leaves whole chunks behind, and the next one goes on. Then looks at what it has touched.

create or replace procedure stocksync.fix(
    in p_kinds text[],
    inout p_run_id bigint default null,
    inout p_audit_run_id bigint default null,
    in p_product_ids bigint[] default null,
    in p_report jsonb default null
)
language plpgsql
as $procedure$
declare
    -- Writers of a product wait while its chunk is fixed.
    v_chunk constant integer := 100;
    v_ids bigint[];
    v_fixed_ids bigint[] := '{}';
    -- A chunk is handed as much of the report as is about it.
    v_head jsonb;
    v_findings jsonb;
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;

    select pg_catalog.array_agg(distinct d.product_id) into v_ids
    from stocksync.fix_dry_run(p_kinds, p_product_ids, p_report) as d;

    v_head := p_report - 'findings';
    select pg_catalog.jsonb_object_agg(g.product_id, g.findings) into v_findings
    from (
        select (f ->> 'product_id')::bigint as product_id, pg_catalog.jsonb_agg(f) as findings
        from pg_catalog.jsonb_array_elements(p_report -> 'findings') as f
        where f ->> 'product_id' is not null
        group by 1
    ) as g;

    p_audit_run_id := null;
    p_run_id := stocksync._start_run('fix', null, null, null, pg_catalog.jsonb_build_object(
        'kinds', pg_catalog.to_jsonb(p_kinds),
        'products', pg_catalog.cardinality(p_product_ids),
        'report', p_report -> 'run'
    ));
    perform stocksync._record_found(p_run_id, coalesce(pg_catalog.cardinality(v_ids), 0));

    for i in 1 .. coalesce(pg_catalog.cardinality(v_ids), 0) by v_chunk loop
        commit and chain;

        -- Polling: see stocksync._correct_all().
        while not pg_catalog.pg_try_advisory_xact_lock(stocksync._lock_key('roll_up')) loop
            perform pg_catalog.pg_sleep(0.02);
        end loop;

        v_fixed_ids := v_fixed_ids || stocksync._fix(
            p_run_id,
            p_kinds,
            v_ids[i : i + v_chunk - 1],
            v_head || pg_catalog.jsonb_build_object('findings', (
                select coalesce(pg_catalog.jsonb_agg(f), '[]')
                from pg_catalog.unnest(v_ids[i : i + v_chunk - 1]) as k
                cross join pg_catalog.jsonb_array_elements(v_findings -> k::text) as f
            ))
        );
        raise notice 'fixed % of % products',
            least(i + v_chunk - 1, pg_catalog.cardinality(v_ids)), pg_catalog.cardinality(v_ids);
    end loop;
    commit and chain;

    perform stocksync._finish_run(p_run_id);
    commit and chain;

    if v_fixed_ids <> '{}' then
        p_audit_run_id := stocksync._start_audit(v_fixed_ids, null, true, p_run_id);
        commit and chain;
        perform stocksync._record_findings(p_audit_run_id, v_fixed_ids, null, true);
        commit and chain;
        perform stocksync._finish_run(p_audit_run_id);
    end if;
    commit;
end;
$procedure$;

comment on procedure stocksync.fix(text[], bigint, bigint, bigint[], jsonb) is
    'Does what stocksync.fix_dry_run() of the same arguments says, 100 products at a time: each correction is a row in stocksync.incidents with what was there before, each booking a movement, and stocksync.undo() takes them back. A product that has changed since the report is left as it is, and one that cannot be fixed is named in the log. A notice after each chunk says how far it is. Returns the number of the run, and that of the audit of what it touched (null if it touched nothing); see stocksync.fixed(). Not inside a transaction block. Raises as stocksync.fix_dry_run() does.';
