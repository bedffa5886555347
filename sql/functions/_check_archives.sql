-- Archived movements are known by the day. Stock as of a time that needs single ones, or days of
-- another time zone, cannot be told.

create or replace function stocksync._check_archives(
    p_known_at timestamptz,
    p_from timestamptz,
    p_from_day date,
    p_first_day date,
    p_before timestamptz,
    p_day date
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    v_archive stocksync.archives;
begin
    select * into v_archive
    from stocksync.archives as a
    where a.restored_at is null
        and (
            p_known_at < a.last_recorded_at
            or (
                p_from is distinct from p_before
                and greatest(p_from, stocksync._day_start(p_day)) < a.archived_before
                and (
                    a.time_zone <> v_zone
                    or p_from_day < p_first_day
                    -- a part of a day in which something was archived
                    or (p_before > stocksync._day_start(p_day) and exists (
                        select from stocksync.archived_daily as d
                        where d.archive_id = a.id and d.day = p_day
                    ))
                )
            )
        )
    order by a.archived_before desc
    limit 1;

    if found then
        perform stocksync._refuse_archived(v_archive);
    end if;
end;
$function$;

comment on function stocksync._check_archives(timestamptz, timestamptz, date, date, timestamptz, date) is
    'Raises SS006 where stock as of p_before, counted from the closing at p_from (null: backwards from now) of the day p_from_day, with whole days from p_first_day to before p_day, as known at p_known_at, needs what is archived.';
