-- Makes every stored quantity what the movements say: the deep comparison, from the raw ledger.
-- Commits chunk by chunk, so that a run that is killed leaves whole chunks behind and the next one
-- goes on.

create or replace procedure stocksync.sync(
    inout p_run_id bigint default null,
    in p_product_id bigint default null,
    in p_since timestamptz default null,
    in p_force boolean default false
)
language plpgsql
as $procedure$
declare
    v_ids bigint[];
begin
    -- Whatever the session's default: each measurement needs a snapshot younger than the lock, and
    -- at SERIALIZABLE even a run that corrects nothing could fail. Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;

    p_run_id := stocksync._start_run('sync', p_product_id, p_since, p_force);
    commit and chain;

    select pg_catalog.array_agg(d.product_id order by d.product_id) into v_ids
    from stocksync.discrepancies(
        case when p_product_id is not null then array[p_product_id] end, p_since, p_force
    ) as d;

    call stocksync._correct_all(p_run_id, v_ids, p_since, p_force);

    perform stocksync._finish_run(p_run_id);
    commit;
end;
$procedure$;

comment on procedure stocksync.sync(bigint, bigint, timestamptz, boolean) is
    'Corrects every product whose stored quantities differ from its movements, by adding the difference; each correction is a row in stocksync.incidents. Returns the number of the run. p_product_id: only this product. p_since: only products with movements that occurred or were recorded since then. p_force: compare the roll-up bucket by bucket too. Not inside a transaction block. Raises no_data_found for an unknown product, invalid_parameter_value for a time in the future.';
