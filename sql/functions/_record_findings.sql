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
begin
    insert into stocksync.findings (
        run_id, product_id, quantity_on_hand, total_stock, ledger, rolled_up, by_location, batches,
        api_id, api, api_status, status, is_deleted, movements, classes, reasons
    )
    select p_run_id, d.product_id, d.quantity_on_hand, d.total_stock, d.ledger, d.rolled_up,
        d.by_location, d.batches, d.api_id, d.api, d.api_status, d.status, d.is_deleted, d.movements,
        d.classes, d.reasons
    from stocksync.mismatches(p_product_ids, p_reading_id, p_deep) as d;

    select count(*) into v_found from stocksync.findings as f where f.run_id = p_run_id;
    perform stocksync._record_found(p_run_id, v_found);

    perform stocksync._record_step(p_run_id, 'compare', jsonb_build_object(
        'found', v_found,
        -- where that is allowed it is no fault, but worth a look
        'once_negative', (select count(*) from stocksync.negative_in_past())
    ));
end;
$function$;

comment on function stocksync._record_findings(bigint, bigint[], bigint, boolean) is
    'Compares everything with the movements and records for this run what differs, and how many products were below zero at some time.';
