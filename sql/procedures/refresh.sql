-- What runs every hour: folds, rolls up, compares every product with the roll-up, corrects from the
-- movements what differs, refreshes the reports, tidies. Its cost follows the products and the
-- hour, not the history. Each step commits, so that a refresh that is killed anywhere leaves whole
-- steps behind and the next one goes on.

create or replace procedure stocksync.refresh(inout p_run_id bigint default null)
language plpgsql
as $procedure$
declare
    v_rows bigint;
    v_ids bigint[];
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;

    p_run_id := stocksync._start_refresh();
    commit and chain;
    if p_run_id is null then
        return;
    end if;

    perform stocksync._continue_run(p_run_id);
    v_rows := stocksync.fold();
    call stocksync._end_step(p_run_id, 'fold', pg_catalog.jsonb_build_object('pending', v_rows));

    perform stocksync._continue_run(p_run_id);
    loop
        v_rows := stocksync.roll_up();
        exit when v_rows is not null;
        -- a correction is running, 100 products at a time
        perform pg_catalog.pg_sleep(0.02);
    end loop;
    call stocksync._end_step(p_run_id, 'roll_up', pg_catalog.jsonb_build_object('journal', v_rows));

    perform stocksync._continue_run(p_run_id);
    select pg_catalog.array_agg(s order by s) into v_ids from stocksync._suspects() as s;
    call stocksync._end_step(p_run_id, 'compare', pg_catalog.jsonb_build_object(
        'suspects', coalesce(pg_catalog.cardinality(v_ids), 0)
    ));

    if v_ids is not null then
        call stocksync._correct_all(p_run_id, v_ids, null, false);
    end if;

    perform stocksync._continue_run(p_run_id);
    v_rows := stocksync._refresh_views();
    call stocksync._end_step(p_run_id, 'views', pg_catalog.jsonb_build_object('refreshed', v_rows));

    perform stocksync._continue_run(p_run_id);
    perform stocksync._record_step(p_run_id, 'tidy', stocksync._tidy());
    perform stocksync._finish_run(p_run_id);
    commit;
end;
$procedure$;

comment on procedure stocksync.refresh(bigint) is
    'Folds what is pending, rolls up the journal, compares every product with the roll-up and corrects from the movements what differs (each correction is a row in stocksync.incidents), refreshes the materialized views whose input changed, and tidies by the settings. Returns the number of the run, whose cost says what each step took; null if another refresh is running. Not inside a transaction block.';
