-- Compares all that keeps the stock with the movements, and with each other, at one instant, and
-- corrects nothing: for somebody who does not trust the numbers.

create or replace procedure stocksync.audit(
    inout p_run_id bigint default null,
    in p_product_ids bigint[] default null,
    in p_reading_id bigint default null,
    in p_deep boolean default false
)
language plpgsql
as $procedure$
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;

    p_run_id := stocksync._start_audit(p_product_ids, p_reading_id, p_deep);
    commit and chain;

    perform stocksync._record_findings(p_run_id, p_product_ids, p_reading_id, p_deep);
    commit and chain;

    perform stocksync._finish_run(p_run_id);
    commit;
end;
$procedure$;

comment on procedure stocksync.audit(bigint, bigint[], bigint, boolean) is
    'Records in stocksync.findings what stocksync.mismatches() finds of these products (null: all), compared with what the shop''s API showed too (p_reading_id, null: none) and with every day and type of the roll-up (p_deep); corrects nothing. Returns the number of the run; its cost says how many products were compared and found, and, where it looked deep, how many stocksync.negative_in_past() tells of. Not inside a transaction block. Raises no_data_found for an unknown product or reading.';
