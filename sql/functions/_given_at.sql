-- A retry repeats the date that was given, not the first open day on which it was booked.

create or replace function stocksync._given_at(p_movement public.stock_movements)
returns timestamptz
language sql
stable
security definer -- an application does not read the history
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(
        (
            select h.occurred_at
            from stocksync.movement_history as h
            where h.movement_id = p_movement.id
                -- not one of the same number that was deleted
                and h.recorded_at = p_movement.recorded_at
                and h.operation = 'late'
        ),
        p_movement.occurred_at
    );
$function$;

comment on function stocksync._given_at(public.stock_movements) is
    'occurred_at of a movement as it was given when it was inserted.';
