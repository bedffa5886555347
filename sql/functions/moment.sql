-- What people mean by a time they write: of the shop's time zone, and a day alone is all of it.

create or replace function stocksync.moment(p_text text)
returns timestamptz
language plpgsql
stable
strict
security definer -- its parts are nobody else's
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    v_at constant timestamptz := stocksync._as_timestamptz(p_text, v_zone);
begin
    if v_at is null then
        raise exception '"%" is not a time', p_text
            using errcode = 'invalid_datetime_format',
                  hint = 'Write it like 2026-10-31 or 2026-10-31 17:00, in the shop''s time zone, or with an offset: 2026-10-31T17:00:00Z.';
    elsif length(p_text) = 10 then
        return stocksync._day_start(p_text::date + 1) - interval '1 microsecond';
    end if;
    return v_at;
end;
$function$;

comment on function stocksync.moment(text) is
    'The time that the text is in ISO 8601, in the shop''s time zone unless it has an offset; a day alone, like "2026-10-31", is its last instant. Raises invalid_datetime_format for any other text; null for null.';
