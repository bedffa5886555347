-- Fixes some products for a run: what the plan says of them now. The caller holds the lock of the
-- roll-up, so that no correction adds the same difference a second time; writers go on meanwhile.

create or replace function stocksync._fix(
    p_run_id bigint,
    p_kinds text[],
    p_product_ids bigint[],
    p_report jsonb
)
returns bigint[]
language plpgsql
volatile
security definer -- nobody writes incidents by hand
set search_path = pg_catalog, pg_temp
-- A product that somebody holds is left for the next run: writers of the others wait for this one.
set lock_timeout = '2s'
as $function$
declare
    v_skipped jsonb;
    v_field_ids bigint[];
    v_one_by_one jsonb;
    v_fixed_ids bigint[] := '{}';
    v_failed bigint := 0;
    r record;
begin
    select
        jsonb_agg(to_jsonb(d)) filter (where d.skipped is not null),
        array_agg(distinct d.product_id)
            filter (where d.skipped is null and d.kind = 'fields' and d.sku is not null),
        jsonb_agg(distinct jsonb_build_object(
            'product_id', d.product_id, 'kind', d.kind, 'class', d.class, 'sku', d.sku
        )) filter (where d.skipped is null and (d.kind <> 'fields' or d.sku is null))
    into v_skipped, v_field_ids, v_one_by_one
    from stocksync.fix_dry_run(
        p_kinds,
        -- some may be gone meanwhile, with all that was known of them
        array(
            select i from unnest(p_product_ids) as i where stocksync._is_known_product(i)
        ),
        p_report
    ) as d;

    perform stocksync._write_log(
        'warning', 'product left as it is', (s ->> 'product_id')::bigint,
        s || jsonb_build_object('run', p_run_id)
    )
    from jsonb_array_elements(v_skipped) as s;

    -- 1. What is stored.
    perform stocksync._correct(p_run_id, v_field_ids, null, true)
    where v_field_ids is not null;

    -- 2. What the shop should show and what the ledger lacks, then the batches, which follow it. One
    -- product that cannot be fixed must not keep the others wrong.
    for r in
        select (o ->> 'product_id')::bigint as product_id, o ->> 'kind' as kind,
            o ->> 'class' as class, o ->> 'sku' as sku
        from jsonb_array_elements(v_one_by_one) as o
        order by o ->> 'kind' desc, 1
    loop
        begin
            case r.class
                when 'closing_vs_ledger' then
                    perform stocksync._book_restore(
                        p_run_id, stocksync._last_closing(), array[r.product_id]
                    );
                when 'negative' then
                    perform stocksync._count_to_zero(p_run_id, r.product_id);
                when 'roll_up_vs_ledger' then
                    -- Of a product that has left nothing else, and is not among those above.
                    insert into stocksync.incidents (run_id, product_id, class, before, after)
                    select p_run_id, s.product_id, 'roll_up', s.by_location, s.ledger
                    from stocksync.stock_sources(array[r.product_id]) as s;

                    delete from stocksync.stock_daily as d
                    where d.product_id = r.product_id and not abs(d.quantity) < 'Infinity';

                    perform stocksync._mend_roll_up(r.product_id);
                when 'orphan_movement' then
                    perform stocksync._give_back(p_run_id, r.product_id);
                when 'missing_from_api' then
                    insert into stocksync.incidents (run_id, product_id, class, images)
                    select p_run_id, p.id, 'status', jsonb_build_object(
                        'before', jsonb_build_object(
                            'status', p.status, 'is_deleted', p.is_deleted
                        ),
                        'after', jsonb_build_object('status', 'active', 'is_deleted', false)
                    )
                    from public.products as p
                    where p.id = r.product_id;
                else
                    perform stocksync._fix_batches(p_run_id, r.product_id);
            end case;
            perform stocksync._settle_now();
            v_fixed_ids := v_fixed_ids || r.product_id;
        exception when others then
            perform stocksync._write_log(
                'error', 'product stock could not be updated', r.product_id,
                jsonb_build_object(
                    'run', p_run_id, 'sku', r.sku, 'kind', r.kind, 'class', r.class,
                    'sqlstate', sqlstate, 'error', sqlerrm
                )
            );
            v_failed := v_failed + 1;
        end;
    end loop;

    v_fixed_ids := array(select distinct i from unnest(v_fixed_ids) as i);

    -- what _correct() has counted is not counted twice
    update stocksync.runs as u
    set products_corrected = u.products_corrected + (
            select count(*)
            from unnest(v_fixed_ids) as i
            where i <> all (coalesce(v_field_ids, '{}'))
        ),
        products_failed = u.products_failed + v_failed,
        seen_at = clock_timestamp()
    where u.id = p_run_id;

    return array(select distinct i from unnest(v_fixed_ids || v_field_ids) as i);
end;
$function$;

comment on function stocksync._fix(bigint, text[], bigint[], jsonb) is
    'Fixes these products for a run, as stocksync.fix_dry_run() of the same arguments says, and returns those that it touched. The caller holds the advisory lock "roll_up" and runs at READ COMMITTED.';
