-- How much an undo is about: what it reverses and puts back, and what it leaves as it is.

create or replace function stocksync.undo_counts(
    p_run_id bigint default null,
    p_since timestamptz default null,
    p_type text default null,
    p_reference text default null
)
returns table (
    movements bigint,
    corrections bigint,
    already_reversed bigint,
    reversals bigint,
    gone bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select
        count(*) filter (where m.left_out is null),
        (select count(*) from stocksync._undo_corrections(p_run_id)),
        count(*) filter (where m.left_out = 'reversed'),
        count(*) filter (where m.left_out = 'reversal'),
        coalesce(
            (
                select sum(upper(i) - lower(i))::bigint
                from stocksync.runs as u
                cross join unnest(u.movement_ids) as i
                where u.id = p_run_id
            ) - count(*) filter (where m.is_asked),
            0
        )
    from stocksync._undo_movements(p_run_id, p_since, p_type, p_reference) as m;
$function$;

comment on function stocksync.undo_counts(bigint, timestamptz, text, text) is
    'How many movements stocksync.undo() with the same arguments would reverse and how many corrections put back; and of the movements that it would leave as they are, how many are reversed already, are reversals themselves, or were deleted since the run booked them. Zeros for an unknown run.';
