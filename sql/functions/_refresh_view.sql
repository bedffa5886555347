-- Refreshes one materialized view while others read it, unless what it is made of has not changed.

create or replace function stocksync._refresh_view(p_view_name text, p_input text)
returns boolean
language plpgsql
volatile
security definer -- only the owner of a materialized view may refresh it
set search_path = pg_catalog, pg_temp
as $function$
begin
    if exists (
        select
        from stocksync.view_refreshes as r
        where r.view_name = p_view_name and r.input = p_input
    ) then
        return false;
    end if;

    execute format('refresh materialized view concurrently stocksync.%I', p_view_name);

    insert into stocksync.view_refreshes as r (view_name, seconds, input)
    values (
        p_view_name, round(extract(epoch from clock_timestamp() - now()), 6), p_input
    )
    on conflict (view_name) do update set
        refreshed_at = excluded.refreshed_at,
        seconds = excluded.seconds,
        input = excluded.input;
    return true;
end;
$function$;

comment on function stocksync._refresh_view(text, text) is
    'Refreshes a materialized view of schema stocksync concurrently and returns true; returns false if it was last refreshed from this same input. The input must have been read before.';
