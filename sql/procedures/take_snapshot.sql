-- Keeps the stock of a time for good, to restore from. It says exactly what it holds: writers that
-- were under way are waited for, and what is recorded later is not in it.

create or replace procedure stocksync.take_snapshot(
    in p_at timestamptz default null,
    in p_note text default '',
    inout p_snapshot_id bigint default null
)
language plpgsql
as $procedure$
declare
    v_known_at timestamptz;
begin
    -- Whatever the session's default: each step needs a snapshot of its own. Chained transactions
    -- inherit it.
    commit;
    set transaction isolation level read committed;

    perform stocksync.check_scope(null, p_at);
    if p_at = '-infinity' then
        raise exception 'there is no stock at %', p_at
            using errcode = 'invalid_parameter_value',
                  hint = 'Give a time, or null for now.';
    end if;
    v_known_at := pg_catalog.clock_timestamp();
    call stocksync._wait_for_writers();

    p_snapshot_id := stocksync._store_snapshot(coalesce(p_at, v_known_at), v_known_at, p_note);
    commit;
end;
$procedure$;

comment on procedure stocksync.take_snapshot(timestamptz, text, bigint) is
    'Stores the stock of each product at each location as of p_at (null: now), as it is known now, and returns the number of the snapshot, which stocksync.restore() can start from. Waits for transactions that are writing movements; nobody waits for it. Not inside a transaction block. Raises invalid_parameter_value for a time in the future or without end, SS006 where it needs movements that are archived.';
