-- The schedule together with what is needed to tell what is due: whose time, and what time it is by
-- the server's clock.

create or replace function stocksync.list_schedules()
returns table (
    task text,
    cron text,
    is_enabled boolean,
    last_due_at timestamptz,
    time_zone text,
    asked_at timestamptz
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select c.task, c.cron, c.is_enabled, c.last_due_at, s.time_zone, clock_timestamp()
    from stocksync.schedules as c
    cross join stocksync.settings as s
    order by c.task;
$function$;

comment on function stocksync.list_schedules() is
    'What runs when: the rows of stocksync.schedules, the time zone they are meant in, and the time by the server''s clock.';
