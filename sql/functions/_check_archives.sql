-- Archived movements are known by the day. Where single ones are asked for, the answer would be
-- wrong without a word.

create or replace function stocksync._check_archives(
    p_known_at timestamptz,
    p_from timestamptz,
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
            -- in the beginning of the last day
            or (p_before > stocksync._day_start(p_day)
                and greatest(p_from, stocksync._day_start(p_day)) < a.archived_before)
            -- in the rest of the first one, before which p_from is the end of a closing
            or (p_from < a.archived_before and isfinite(p_from)
                and (p_from at time zone v_zone)::date < p_first_day)
        )
    order by a.archived_before desc
    limit 1;

    if found then
        raise exception 'movements that tell this are archived'
            using errcode = 'SS006',
                  detail = format('Movements before %s are in "%s"; their days are kept, single movements are not.',
                      v_archive.archived_before, v_archive.file),
                  hint = 'Ask for the end of a day, or put them back with "stocksync archive --restore FILE".';
    end if;
end;
$function$;

comment on function stocksync._check_archives(timestamptz, timestamptz, date, timestamptz, date) is
    'Raises SS006 where stock as of p_before, from the closing at p_from, as known at p_known_at, needs single movements that are archived.';
