-- What people mean by a time from which on: a day alone is all of it, so what was there before it.

create or replace function stocksync.beginning(p_text text)
returns timestamptz
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_at constant timestamptz := stocksync.moment(p_text);
begin
    if length(p_text) = 10 then
        return stocksync.moment(to_char(p_text::date - 1, 'YYYY-MM-DD'));
    end if;
    return v_at;
end;
$function$;

comment on function stocksync.beginning(text) is
    'As stocksync.moment(), but a day alone, like "2026-10-01", is the last instant before it: the stock then is the one with which the day begins. Raises invalid_datetime_format for what is no time; null for null.';
