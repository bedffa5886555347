-- Writes off what is past its date. Commits chunk by chunk, so that a run that is killed leaves whole
-- chunks behind and the next one goes on.

create or replace procedure stocksync.expire(
    inout p_run_id bigint default null,
    in p_product_id bigint default null
)
language plpgsql
as $procedure$
declare
    -- Writers of a product wait while its chunk is written off.
    v_chunk constant integer := 100;
    v_ids bigint[];
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;

    p_run_id := stocksync._start_run('expire', p_product_id, null, null);
    commit and chain;

    select pg_catalog.array_agg(distinct e.product_id order by e.product_id) into v_ids
    from stocksync.expire_dry_run(p_product_id) as e;

    for i in 1 .. coalesce(pg_catalog.cardinality(v_ids), 0) by v_chunk loop
        perform stocksync._expire(p_run_id, v_ids[i : i + v_chunk - 1]);
        commit and chain;
    end loop;

    perform stocksync._finish_run(p_run_id);
    commit;
end;
$procedure$;

comment on procedure stocksync.expire(bigint, bigint) is
    'Writes off what remains of batches whose last day of sale is over, quarantined or not, of one product or of all: a movement of type "expired" for each, which names the batch. Returns the number of the run; stocksync.expired(run) says what it wrote off, stocksync.undo(run) takes it back. Not inside a transaction block. Raises no_data_found for an unknown product.';
