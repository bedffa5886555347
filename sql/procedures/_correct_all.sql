-- Corrects products chunk by chunk, each in a transaction of its own: for a run that has begun. A
-- procedure that commits can be neither definer nor carry SET: it only calls functions that are and
-- do.

create or replace procedure stocksync._correct_all(
    in p_run_id bigint,
    in p_product_ids bigint[],
    in p_since timestamptz,
    in p_force boolean
)
language plpgsql
as $procedure$
declare
    -- Writers of a product wait while its chunk is corrected: some 20 ms.
    v_chunk constant integer := 100;
begin
    perform stocksync._record_found(p_run_id, coalesce(pg_catalog.cardinality(p_product_ids), 0));

    -- Each chunk reads the journal.
    perform stocksync.roll_up();

    for i in 1 .. coalesce(pg_catalog.cardinality(p_product_ids), 0) by v_chunk loop
        commit and chain;
        perform stocksync._continue_run(p_run_id);

        -- Polling, because a session that waits inside pg_advisory_lock() holds a snapshot that
        -- makes CREATE INDEX CONCURRENTLY wait for it.
        while not pg_catalog.pg_try_advisory_xact_lock(stocksync._lock_key('roll_up')) loop
            perform pg_catalog.pg_sleep(0.02);
        end loop;

        perform stocksync._correct(
            p_run_id, p_product_ids[i : i + v_chunk - 1], p_since, p_force
        );
    end loop;

    commit and chain;
end;
$procedure$;

comment on procedure stocksync._correct_all(bigint, bigint[], timestamptz, boolean) is
    'Measures these products again and corrects what differs from the movements, 100 at a time.';
