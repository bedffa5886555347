-- Which movements an answer had seen nobody knows: a movement is recorded before it commits, and two
-- may commit in the other order. So each may be in it or not.

create or replace function stocksync._is_reachable(
    p_value numeric,
    p_starts numeric[],
    p_changes numeric[]
)
returns boolean
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
as $function$
    -- 2 ^ 8 sums at most; of a product that moves faster, any stock between the lowest and the highest
    -- is likely enough.
    with recursive total (position, quantity) as (
        select 0, u.start
        from unnest(p_starts) as u (start)
        where cardinality(p_changes) <= 8
        union
        select t.position + 1, t.quantity + c.quantity
        from total as t
        cross join lateral (
            values (0::numeric), (p_changes[t.position + 1])
        ) as c (quantity)
        where t.position < cardinality(p_changes)
    )
    select case
        when cardinality(p_changes) <= 8
            then exists (select from total as t where t.quantity = p_value)
        else exists (
            select from unnest(p_starts) as u (start)
            where p_value between
                u.start + (select coalesce(sum(c), 0) from unnest(p_changes) as c where c < 0)
                and u.start + (select coalesce(sum(c), 0) from unnest(p_changes) as c where c > 0)
        )
    end;
$function$;

comment on function stocksync._is_reachable(numeric, numeric[], numeric[]) is
    'Tells whether p_value is one of p_starts with some of p_changes added: each may have come or not. Of more than eight changes, whether it is between the lowest and the highest sum.';
