-- Tells who keeps the schedule. A worker leaves the time when it last did; what pg_cron is to do is
-- in a table that is there only where its extension is; the crontab of some machine cannot be seen,
-- only that refreshes happen.

create or replace function stocksync._doctor_schedule()
returns table (check_name text, status text, detail text, cure text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_now constant timestamptz := clock_timestamp();
    v_enabled text;
    v_kept_at timestamptz;
    v_cron_jobs bigint := 0;
    v_refreshed_at timestamptz;
    v_settings stocksync.settings;
begin
    select * into v_settings from stocksync.settings;

    select string_agg(format('%s "%s"', c.task, c.cron), ', ' order by c.task),
        -- a time that is due is a whole minute: others are of the installation
        max(c.last_due_at) filter (where c.last_due_at = date_trunc('minute', c.last_due_at))
    into v_enabled, v_kept_at
    from stocksync.schedules as c
    where c.is_enabled;

    if v_enabled is null then
        return query values (
            'schedule', 'warning', 'nothing is scheduled',
            'Run `update stocksync.schedules set is_enabled = true;`.'
        );
        return;
    end if;

    -- One by one: the name of a table in a schema that one may not use is an error.
    if has_schema_privilege(to_regnamespace('cron')::oid, 'usage') then
        if has_table_privilege(to_regclass('cron.job')::oid, 'select') then
            execute $query$
                select count(*)
                from cron.job as j
                where j.active
                    and j.database = current_database()
                    and j.command like '%stocksync.%'
            $query$
            into v_cron_jobs;
        end if;
    end if;

    select r.finished_at into v_refreshed_at
    from stocksync._last_run as r
    where r.command = 'refresh';

    return query
    select
        'schedule',
        case when k.by is null then 'warning' else 'ok' end,
        format('%s: %s', v_enabled, coalesce(k.by, 'nobody seems to keep it')),
        case when k.by is null then
            'Run `stocksync worker`, or `stocksync schedule install`.'
        end
    from (
        select case
            when v_cron_jobs > 0 then format('kept by pg_cron, jobs: %s', v_cron_jobs)
            when v_kept_at > v_now - v_settings.refresh_late_after then format(
                'a worker last kept it at %s',
                to_char(v_kept_at at time zone v_settings.time_zone, 'YYYY-MM-DD HH24:MI')
            )
            when v_refreshed_at > v_now - v_settings.refresh_late_after then
                'not kept by a worker here, but refreshes happen'
        end as by
    ) as k;
end;
$function$;

comment on function stocksync._doctor_schedule() is
    'The part of stocksync.doctor() that looks at who keeps the schedule.';
