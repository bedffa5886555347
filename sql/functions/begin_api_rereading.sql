-- What differs is looked at a second time, after the API had the time that it may take. Its rows are
-- made now, as not shown: what the second reading does not bring is not there.

create or replace function stocksync.begin_api_rereading(p_reading_id bigint)
returns table (api_id text, class text)
language plpgsql
volatile
security definer -- nobody writes readings by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- Of two at once the second finds nothing to do.
    perform from stocksync.api_readings as r where r.id = p_reading_id for update;

    if (select r.shown_at from stocksync.api_readings as r where r.id = p_reading_id) is not null then
        return; -- what is of a moment stays as it is
    elsif (select r.reread_at from stocksync.api_readings as r where r.id = p_reading_id) is not null
    then
        raise exception 'reading % has been read again already', p_reading_id
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin another one with stocksync.begin_api_reading().';
    end if;

    return query
    with suspect as materialized (
        select u.* from stocksync.api_suspects(p_reading_id) as u
    ),
    begun as (
        insert into stocksync.api_items (
            reading_id, pass, api_id, product_id, times, read_from, read_at, stock, staged_at
        )
        select p_reading_id, 2, u.api_id, u.product_id, 0, clock_timestamp(), clock_timestamp(),
            u.stock, clock_timestamp()
        from suspect as u
    )
    select u.api_id, u.class from suspect as u;

    if found then
        update stocksync.api_readings as r
        set reread_at = clock_timestamp(), staged_at = clock_timestamp()
        where r.id = p_reading_id;
    end if;
end;
$function$;

comment on function stocksync.begin_api_rereading(bigint) is
    'Begins to read again what stocksync.api_suspects() returns, and returns it, without rows if there is nothing to be read again. Then stocksync.stage_api_items(), in which only these count, and stocksync.end_api_reading(). Raises as stocksync.api_suspects() does, and object_not_in_prerequisite_state if that was done already.';
