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
    v_want_ids constant bigint[] := array(
        select w.id
        from unnest(p_wants) with ordinality as w (place, id, quantity, position)
        order by w.place, w.position
    );
    v_have_ids constant bigint[] := array(
        select h.id
        from unnest(p_haves) with ordinality as h (place, id, quantity, position)
        order by h.place, h.position
    );
begin
    return query
    with cut as (
        select u.place, u.upto, sum(u.wants) as wants, sum(u.haves) as haves
        from (
            select w.place, 1 as wants, 0 as haves,
                sum(w.quantity) over (partition by w.place order by w.position) as upto
            from unnest(p_wants) with ordinality as w (place, id, quantity, position)
            union all
            select h.place, 0, 1,
                sum(h.quantity) over (partition by h.place order by h.position)
            from unnest(p_haves) with ordinality as h (place, id, quantity, position)
        ) as u
        group by u.place, u.upto
    ),
    segment as (
        select
            c.upto - lag(c.upto, 1, 0::numeric) over place as quantity,
            -- how many end before it, so which is the one that is under way
            sum(c.wants) over before as wants_before,
            sum(c.haves) over before as haves_before,
            c.upto <= max(c.upto) filter (where c.wants > 0) over (partition by c.place)
                and c.upto <= max(c.upto) filter (where c.haves > 0) over (partition by c.place)
                as has_both
        from cut as c
        window
            place as (partition by c.place order by c.upto),
            before as (
                order by c.place, c.upto rows between unbounded preceding and 1 preceding
            )
    )
    select v_want_ids[coalesce(s.wants_before, 0) + 1],
        v_have_ids[coalesce(s.haves_before, 0) + 1],
        s.quantity
    from segment as s
    where s.has_both;
end;
$function$;

comment on function stocksync._share_out(stocksync._portion[], stocksync._portion[]) is
    'Matches what is wanted with what is there, place by place, both in the order of their arrays: so much of have_id goes to want_id. Quantities are above zero. What finds no counterpart is left out.';
