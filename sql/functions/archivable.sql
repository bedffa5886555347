-- The movements that an archive takes away: those of closed periods, but not what a movement that
-- stays takes back.

create or replace function stocksync.archivable(p_through date)
returns setof public.stock_movements
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_before timestamptz;
begin
    select c.closed_before into v_before
    from stocksync.closings as c
    where c.closed_through = p_through and c.closed_at is not null and c.reopened_at is null
    -- twice the same day, where the shop has moved to another time zone
    order by c.closed_before desc
    limit 1;

    if not found then
        raise exception 'the books are not closed through %', p_through
            using errcode = 'object_not_in_prerequisite_state',
                  hint = format('Close them first with "stocksync close %s", or use a day of "stocksync close --list".',
                      p_through);
    end if;

    return query
    select m.*
    from public.stock_movements as m
    where m.occurred_at < v_before
        and not exists (
            select from public.stock_movements as r
            where r.reverses_id = m.id and r.occurred_at >= v_before
        )
    order by m.id;
end;
$function$;

comment on function stocksync.archivable(date) is
    'The movements that stocksync.archive_movements(p_through) takes away: those dated until the end of a closing, except what a later movement reverses; by number. From psql, with datestyle ISO: \copy (select * from it) to FILE with (format csv, header, encoding ''UTF8''). Raises object_not_in_prerequisite_state if the books are not closed through that day.';
