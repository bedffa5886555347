-- Reads a time somebody wrote, without an exception for what is none. Only ISO 8601 is read: what
-- 03/04/2011 or "today" means depends on the session, and a session never decides about stock. The
-- pattern leaves one thing that a cast could fail on: the 30th of February.

create or replace function stocksync._as_timestamptz(p_text text, p_time_zone text)
returns timestamptz
language sql
stable
return case
    when p_text !~ (
        '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
        '([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?'
        '( ?(Z|[-+](0[0-9]|1[0-4])(:?[0-5][0-9])?))?)?$'
    ) or p_text < '0001' then null
    when pg_catalog.substr(p_text, 9, 2) > '28'
        and pg_catalog.substr(p_text, 9, 2)::integer > pg_catalog.date_part(
            'day',
            (pg_catalog.substr(p_text, 1, 7) || '-01')::pg_catalog.date
                + interval '1 month' - interval '1 day'
        ) then null
    when pg_catalog.substr(p_text, 17) ~ '[-+Z]' then p_text::timestamptz
    else p_text::timestamp at time zone p_time_zone
end;

comment on function stocksync._as_timestamptz(text, text) is
    'The time that the text is in ISO 8601, like "2010-12-01", "2010-12-01 08:26" or "2010-12-01T08:26:00Z"; without an offset, in this time zone. Null for any other text and for null.';
