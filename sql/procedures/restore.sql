-- Restores the stock from a date: a balance that can be trusted, plus the movements since. The ledger
-- itself is made to say so, so that everything that follows it agrees: whatever differs from it is
-- corrected, as by stocksync.sync(), and then what it lacks is booked.

create or replace procedure stocksync.restore(
    in p_from timestamptz,
    inout p_run_id bigint default null,
    in p_product_id bigint default null,
    in p_snapshot_id bigint default null
)
language plpgsql
as $procedure$
declare
    v_snapshot_id bigint;
    v_product_ids constant bigint[] := case
        when p_product_id is not null then array[p_product_id]
    end;
    v_ids bigint[];
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;

    select s.snapshot_id into v_snapshot_id
    from stocksync.restore_source(p_from, p_snapshot_id) as s;

    -- Refused before anything is changed where it needs what is archived.
    perform from stocksync._restore_differences(v_snapshot_id, '{}');

    p_run_id := stocksync._start_run('restore', p_product_id, p_from, null);
    commit and chain;

    -- What is stored first: what is booked is added to it, and may be refused if that is too little.
    select pg_catalog.array_agg(d.product_id order by d.product_id) into v_ids
    from stocksync.discrepancies(v_product_ids, null, true) as d;

    call stocksync._correct_all(p_run_id, v_ids, null, true);

    perform stocksync._book_restore(p_run_id, v_snapshot_id, v_product_ids);
    commit and chain;

    perform stocksync._finish_run(p_run_id);
    commit;
end;
$procedure$;

comment on procedure stocksync.restore(timestamptz, bigint, bigint, bigint) is
    'Makes the stock of every product, or of one, a trusted balance plus the movements since; the balance is that of stocksync.restore_source(p_from, p_snapshot_id). Stored quantities are corrected as by stocksync.sync(), then what the movements lack of the balance is booked as stock_count_correction or stock_count_correction_minus at the first open instant after it. Returns the number of the run, which stocksync.undo() takes back. Not inside a transaction block. Raises as stocksync.restore_dry_run() does.';
