-- Which movements an undo is about: those that a run booked, or those that the database was told of
-- since a time; and where one of them was booked for a count, all that was: a count stands or falls
-- whole. Dry and live run ask this one question.

create or replace function stocksync._undo_movements(
    p_run_id bigint,
    p_since timestamptz,
    p_type text,
    p_reference text
)
returns table (movement public.stock_movements, left_out text, is_asked boolean)
language plpgsql
stable
-- a run and a time are different plans
set plan_cache_mode = force_custom_plan
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
begin
    return query
    with asked as (
        select m.id
        from stocksync.runs as u
        cross join unnest(u.movement_ids) as i
        join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
        where u.id = p_run_id
        union all
        select m.id
        from public.stock_movements as m
        where m.recorded_at >= p_since
            and (p_type is null or m.transaction_type = p_type)
            and (p_reference is null or m.reference = p_reference)
    ),
    counted as (
        select k.count_id
        from asked as a
        join stocksync.count_corrections as k on k.movement_id = a.id
        union
        select c.id from stocksync.counts as c where c.run_id = p_run_id
    )
    select m,
        case
            when m.reverses_id is not null then 'reversal'
            when exists (
                select from public.stock_movements as r where r.reverses_id = m.id
            ) then 'reversed'
        end,
        f.is_asked
    from (
        select a.id, true as is_asked
        from asked as a
        union all
        select k.movement_id, false
        from counted as c
        join stocksync.count_corrections as k on k.count_id = c.count_id
        where k.movement_id not in (select a.id from asked as a)
    ) as f
    join public.stock_movements as m on m.id = f.id;
end;
$function$;

comment on function stocksync._undo_movements(bigint, timestamptz, text, text) is
    'The movements that are there of those that the run booked, or that were recorded since then (of this type and reference; null: any); left_out is null for those that an undo reverses, "reversal" and "reversed" for those that it leaves as they are. is_asked is false for those that come along with a count. One of p_run_id and p_since is null.';
