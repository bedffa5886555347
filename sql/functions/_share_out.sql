-- Who takes how much from what: running sums of what is wanted beside running sums of what is there.
-- Each cuts the line of units where one want, or one batch, ends and the next begins; between two
-- neighbouring cuts all units go from one batch to one want. One sort is all the work, whether there
-- is one want or a hundred thousand.

create or replace function stocksync._share_out(
    p_wants stocksync._portion[],
    p_haves stocksync._portion[]
)
returns table (want_id bigint, have_id bigint, quantity numeric)
-- not sql: that would be planned anew in each call
language plpgsql
immutable
-- nor a thousand: for so few, batches are looked up, and for a million that is right too
rows 10
set search_path = pg_catalog, pg_temp
as $function$
declare
    -- An element of these is found at once, one of an array of rows is not.
    v_want_ids constant bigint[] := array(select w.id from unnest(p_wants) as w);
    v_want_places constant bigint[] := array(select w.place from unnest(p_wants) as w);
    v_have_ids constant bigint[] := array(select h.id from unnest(p_haves) as h);
    v_have_places constant bigint[] := array(select h.place from unnest(p_haves) as h);
begin
    return query
    select v_want_ids[s.want], v_have_ids[s.have], s.quantity
    from (
        select c.place,
            c.upto - case when lag(c.place) over cuts = c.place then lag(c.upto) over cuts else 0 end
                as quantity,
            -- how many have ended before, so which is the one that is under way
            1 + sum(c.is_want) over cuts - c.is_want as want,
            sum(1 - c.is_want) over cuts + c.is_want as have
        from (
            select w.place, 1 as is_want,
                sum(w.quantity) over (partition by w.place order by w.position) as upto
            from unnest(p_wants) with ordinality as w (place, id, quantity, position)
            union all
            select h.place, 0,
                sum(h.quantity) over (partition by h.place order by h.position)
            from unnest(p_haves) with ordinality as h (place, id, quantity, position)
        ) as c
        window cuts as (order by c.place, c.upto rows unbounded preceding)
    ) as s
    where s.quantity > 0 -- nothing between two that end together
        -- after the last one of a place comes one of another
        and v_want_places[s.want] = s.place
        and v_have_places[s.have] = s.place;
end;
$function$;

comment on function stocksync._share_out(stocksync._portion[], stocksync._portion[]) is
    'Matches what is wanted with what is there, place by place, both in the order of their arrays, which begin with the first place: so much of have_id goes to want_id. Quantities are above zero. What finds no counterpart is left out.';
