-- Puts into the queue what a schedule says is due. Any number of workers keep the schedule; the row
-- of the task is what they agree on, and each time is taken once.

create or replace function stocksync.enqueue_scheduled(p_task text, p_due_at timestamptz)
returns bigint
language plpgsql
volatile
security definer -- nobody writes jobs by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- Taken too early, a time would keep all those before it from being taken.
    if p_due_at > clock_timestamp() then
        raise exception '% is in the future', p_due_at
            using errcode = 'invalid_parameter_value',
                  hint = 'Enqueue with p_run_at what is to run later.';
    end if;

    update stocksync.schedules as s
    set last_due_at = p_due_at
    where s.task = p_task
        and s.is_enabled
        and s.last_due_at < p_due_at;

    return case when found then stocksync.enqueue(p_task) end;
end;
$function$;

comment on function stocksync.enqueue_scheduled(text, timestamptz) is
    'Queues a task of stocksync.schedules for the time at which it was due, and returns the job''s number; null if that time or a later one has been taken, or the schedule is not enabled. Raises invalid_parameter_value for a time in the future.';
