-- The comparison of an audit, in one snapshot, and what it found.

create or replace function stocksync._record_findings(
    p_run_id bigint,
    p_product_ids bigint[],
    p_reading_id bigint,
    p_deep boolean
)
returns void
language plpgsql
volatile
security definer -- nobody writes findings by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_found bigint;
    v_lag bigint;
begin
    insert into stocksync.findings (
        run_id, product_id, quantity_on_hand, total_stock, ledger, rolled_up, by_location, batches,
        api_id, api, api_status, status, is_deleted, movements, classes, reasons
    )
    select p_run_id, d.product_id, d.quantity_on_hand, d.total_stock, d.ledger, d.rolled_up,
        d.by_location, d.batches, d.api_id, d.api, d.api_status, d.status, d.is_deleted, d.movements,
        d.classes, d.reasons
    from stocksync.mismatches(p_product_ids, p_reading_id, p_deep) as d;

    select count(*) filter (where f.classes <> '{lag}'), count(*) filter (where f.classes = '{lag}')
    into v_found, v_lag
    from stocksync.findings as f
    where f.run_id = p_run_id;

    perform stocksync._record_found(p_run_id, v_found);

    perform stocksync._record_step(p_run_id, 'compare', jsonb_strip_nulls(jsonb_build_object(
        'products', coalesce(
            cardinality(p_product_ids), (select count(*) from public.products)
        ),
        'found', v_found,
        'lag', v_lag,
        -- where that is allowed it is no fault, but worth a look
        'once_negative', case when p_deep then (
            select count(*) from stocksync.negative_in_past(p_product_ids)
        ) end
    )));
end;
$function$;

comment on function stocksync._record_findings(bigint, bigint[], bigint, boolean) is
    'Records for this run what stocksync.mismatches() of the same arguments finds, and how many products it looked at; if it looks deep also how many of them were below zero at some time.';
