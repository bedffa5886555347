-- What to tell pg_cron. Its jobs live in one database of the server, which need not be this one:
-- hence statements, to be run there, and not a function that does it. In psql: \gexec.
--
-- A bare call, since several statements in a job run in one transaction, where a procedure may not
-- commit.

create or replace function stocksync.pg_cron_statements(p_action text default 'install')
returns table (task text, database_name text, time_zone text, statement text, note text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_is_here constant boolean := exists (
        select from pg_extension as e where e.extname = 'pg_cron'
    );
    -- Neither is shown to everybody; where the extension is, no one needs to be told.
    v_database constant text := case
        when v_is_here then current_database()
        else (select s.setting from pg_settings as s where s.name = 'cron.database_name')
    end;
    v_zone constant text := coalesce(
        (select s.setting from pg_settings as s where s.name = 'cron.timezone'), 'GMT'
    );
begin
    if p_action is null or p_action not in ('install', 'show', 'remove') then
        raise exception 'unknown action "%"', p_action
            using errcode = 'invalid_parameter_value',
                  hint = 'Give one of install, show, remove.';
    elsif p_action = 'show' and not v_is_here
        and (v_database is null or v_database = current_database())
    then
        return;
    elsif v_database is null then
        raise exception 'pg_cron was not found on this server'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Add pg_cron to shared_preload_libraries, restart the server and run "create extension pg_cron". If it runs already, have yourself granted pg_read_all_settings.';
    elsif v_database = current_database() and not v_is_here then
        raise exception 'extension "pg_cron" is not in this database'
            using errcode = 'undefined_object',
                  hint = 'Run "create extension pg_cron".';
    end if;

    return query
    with zone as (
        -- one time of each month: when the clocks of the two differ, and by how much
        select
            coalesce(bool_or(g.at at time zone s.time_zone <> g.at at time zone v_zone), false)
                as differs,
            coalesce(bool_or(extract(
                minute from (g.at at time zone s.time_zone) - (g.at at time zone v_zone)
            ) <> 0), false) as differs_by_minutes
        from stocksync.settings as s
        cross join generate_series(now(), now() + interval '11 months', interval '1 month')
            as g (at)
    )
    select c.task, v_database, v_zone,
        case
            when p_action = 'show' then format(
                'select schedule = %L and command = %L and database = %L and active and %L'
                    ' from cron.job where jobname = %L',
                c.cron, j.command, current_database(), c.is_enabled, j.name
            )
            when p_action = 'remove' or not c.is_enabled then
                format('select cron.unschedule(jobid) from cron.job where jobname = %L', j.name)
            when v_is_here then
                format('select cron.schedule(%L, %L, %L)', j.name, c.cron, j.command)
            else
                format(
                    'select cron.schedule_in_database(%L, %L, %L, %L)',
                    j.name, c.cron, j.command, current_database()
                )
        end,
        case
            when p_action <> 'install' or not c.is_enabled or not z.differs
                or (c.cron ~ '^[^ ]+ \* \* \* \*$' and not z.differs_by_minutes) then null
            else format('pg_cron counts in %s, not in %s.', v_zone, s.time_zone)
        end
    from stocksync.schedules as c
    cross join stocksync.settings as s
    cross join zone as z
    cross join lateral (
        select
            -- the name of a job belongs to the user, whatever its database
            format('stocksync %s of %s', c.task, current_database()) as name,
            case c.task
                -- as a worker does
                when 'audit' then 'call stocksync.audit(p_deep => true)'
                else format('call stocksync.%s()', c.task)
            end as command
    ) as j
    order by c.task;
end;
$function$;

comment on function stocksync.pg_cron_statements(text) is
    'The statements that make pg_cron run what stocksync.schedules says, to be run in database_name. p_action: "install" (or change, or remove what is not enabled), "remove", or "show", whose statements return one row where the job is there: true if it is as it should be. time_zone is that in which pg_cron counts; note says where that makes a difference. Raises object_not_in_prerequisite_state where the server does not run pg_cron and undefined_object where the extension is missing; "show" then returns nothing.';
