-- What runs when, as people ask for it, as far as the database knows. Whether cron or systemd calls
-- it is known to the machine that they run on.

create or replace function stocksync.schedule_status()
returns table (
    task text,
    cron text,
    is_enabled boolean,
    time_zone text,
    last_run_at timestamptz,
    last_finished_at timestamptz,
    workers bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.task, c.cron, c.is_enabled, s.time_zone,
        (
            select max(u.started_at)
            from stocksync.runs as u
            where u.command = c.task
        ),
        r.finished_at,
        (
            select count(*)
            from pg_stat_activity as a
            where a.datname = current_database() and a.application_name = 'stocksync worker'
        )
    from stocksync.schedules as c
    cross join stocksync.settings as s
    left join stocksync._last_run as r on r.command = c.task
    order by c.task;
$function$;

comment on function stocksync.schedule_status() is
    'What runs when: each task with its times as in crontab(5), the time zone they are meant in, when it was last begun and last completed (null: never), and the number of workers that are connected and keep the schedule.';
