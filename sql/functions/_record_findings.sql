-- The comparison of an audit, in one snapshot, and what it found.

create or replace function stocksync._record_findings(p_run_id bigint)
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
        run_id, product_id, quantity_on_hand, total_stock, rolled_up, ledger, movements, differs
    )
    select p_run_id, d.product_id, d.quantity_on_hand, d.total_stock, d.rolled_up, d.ledger,
        d.movements, d.differs
    from stocksync.discrepancies(p_force => true) as d;

    get diagnostics v_found = row_count;
    perform stocksync._record_found(p_run_id, v_found);
end;
$function$;

comment on function stocksync._record_findings(bigint) is
    'Compares everything with the movements and records for this run what differs.';
