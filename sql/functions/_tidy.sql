-- Removes what the settings no longer want kept. What explains a stock is kept for ever: movements,
-- their history, incidents and the runs that made either.

create or replace function stocksync._tidy()
returns jsonb
language plpgsql
volatile
security definer -- nobody deletes records by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_settings stocksync.settings;
    v_log bigint;
    v_runs bigint;
    v_jobs bigint;
    v_alerts bigint;
    v_readings bigint;
begin
    select * into v_settings from stocksync.settings;

    delete from stocksync.log as g where g.logged_at < now() - v_settings.keep_log;
    get diagnostics v_log = row_count;

    delete from stocksync.jobs as j where j.finished_at < now() - v_settings.keep_jobs;
    get diagnostics v_jobs = row_count;

    delete from stocksync.alerts as a where a.resolved_at < now() - v_settings.keep_log;
    get diagnostics v_alerts = row_count;

    delete from stocksync.runs as u
    where u.started_at < now() - v_settings.keep_log
        and isempty(u.movement_ids)
        and not exists (select from stocksync.incidents as i where i.run_id = u.id);
    get diagnostics v_runs = row_count;

    -- A row for each product each night: what differed is in the findings of the audit.
    delete from stocksync.api_readings as r
    where r.started_at < now() - least(v_settings.keep_log, interval '7 days');
    get diagnostics v_readings = row_count;

    return jsonb_build_object(
        'log', v_log, 'jobs', v_jobs, 'alerts', v_alerts, 'runs', v_runs, 'readings', v_readings
    );
end;
$function$;

comment on function stocksync._tidy() is
    'Deletes log entries, resolved alerts and runs that changed no stock (settings.keep_log), what an API showed (settings.keep_log, a week at most), and jobs that have ended (settings.keep_jobs); returns how many of each.';
