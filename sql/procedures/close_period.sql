-- Closes the books through a day: movements dated until then are final, and the balances are kept.
-- Online, in three transactions: the first says from when on late movements are refused; then the
-- writers that were under way are waited for, as they may not have seen it; then what is final is
-- added up. Nobody waits for the closing. One that is killed goes on when it is called again.

create or replace procedure stocksync.close_period(
    in p_through date,
    inout p_closing_id bigint default null
)
language plpgsql
as $procedure$
begin
    -- Whatever the session's default: each step needs a snapshot of its own. Chained transactions
    -- inherit it.
    commit;
    set transaction isolation level read committed;

    p_closing_id := stocksync._start_closing(p_through);
    commit and chain;

    call stocksync._wait_for_writers();

    perform stocksync._finish_closing(p_closing_id);
    commit;
end;
$procedure$;

comment on procedure stocksync.close_period(date, bigint) is
    'Closes the books through a day, in the shop''s time zone, which must be over: movements dated until then are refused (or booked on the first open day, as stocksync.settings.late_movements says), their updates and deletes are refused, and the balances are kept. Returns the number of the closing; that of an earlier call if that day was closed by it. Waits for transactions that were writing movements when it began; nobody waits for it. Not inside a transaction block. Raises invalid_parameter_value for a day that is not over, object_not_in_prerequisite_state where the books are closed through a later day, or an earlier closing has not ended.';
