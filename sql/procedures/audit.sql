-- Compares every stored quantity with the movements, day by day and type by type, the batches with
-- what went through them, and the last closing with those before it, and corrects nothing: for a look
-- at night by somebody who does not trust the hourly one.

create or replace procedure stocksync.audit(
    inout p_run_id bigint default null,
    in p_product_ids bigint[] default null,
    in p_reading_id bigint default null
)
language plpgsql
as $procedure$
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;

    p_run_id := stocksync._start_run('audit', null, null, null);
    commit and chain;

    perform stocksync._record_findings(p_run_id, p_product_ids, p_reading_id);
    commit and chain;

    perform stocksync._finish_run(p_run_id);
    commit;
end;
$procedure$;

comment on procedure stocksync.audit(bigint, bigint[], bigint) is
    'Compares every stored quantity with the movements, as stocksync.discrepancies(p_force => true) does, the batches ("batches", see stocksync.batch_discrepancies()) and the balances of the last closing too ("closing"), and records what differs in stocksync.findings, and in the cost of the run how many products stocksync.negative_in_past() tells of; corrects nothing. Returns the number of the run. Not inside a transaction block.';
