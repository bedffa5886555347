-- Ends a step of a refresh, and gives way to writers: where movements have come in meanwhile, the
-- refresh pauses for as long as the step took, so that it never takes more than half a processor
-- from them. It is in no hurry; they are.

create or replace procedure stocksync._end_step(in p_run_id bigint, in p_step text, in p_done jsonb)
language plpgsql
as $procedure$
declare
    v_seconds constant double precision :=
        extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.now());
begin
    perform stocksync._record_step(p_run_id, p_step, p_done);
    commit and chain;

    if stocksync._has_journal() then
        -- with the lock that tells that it lives
        perform stocksync._continue_run(p_run_id);
        perform pg_catalog.pg_sleep(v_seconds);
    end if;
    commit and chain;
end;
$procedure$;

comment on procedure stocksync._end_step(bigint, text, jsonb) is
    'Records a step of a run and commits; then sleeps as long as it took, if there are movements that are not rolled up.';
