-- Waits until everybody who was writing movements has ended. Nobody waits for this: it holds no lock
-- and no snapshot.

create or replace procedure stocksync._wait_for_writers()
language plpgsql
as $procedure$
declare
    v_writers text[];
begin
    -- Twice, as a writer may have been prepared for a two-phase commit meanwhile: its locks are then
    -- another holder's.
    for i in 1 .. 2 loop
        v_writers := stocksync._writers(p_are_prepared => i = 2);
        while v_writers && stocksync._writers() loop
            commit and chain;
            perform pg_catalog.pg_sleep(0.02);
        end loop;
    end loop;
    commit and chain;
end;
$procedure$;

comment on procedure stocksync._wait_for_writers() is
    'Returns when every transaction that had written movements has ended; commits meanwhile.';
