-- A schedule that nobody understands would be a refresh that never runs, without a word.

create or replace function stocksync._reject_schedule(p_task text, p_reason text)
returns void
language sql
volatile
security definer -- nobody writes the log by hand
set search_path = pg_catalog, pg_temp
as $function$
    select stocksync._write_log(
        'error', 'schedule not understood',
        p_context => jsonb_build_object(
            'task', s.task, 'cron', s.cron, 'reason', p_reason
        )
    )
    from stocksync.schedules as s
    where s.task = p_task;
$function$;

comment on function stocksync._reject_schedule(text, text) is
    'Logs as an error that a worker cannot make sense of the schedule of this task, and why.';
