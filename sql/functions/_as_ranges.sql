-- Numbers of movements as few ranges. Those of one statement nearly always follow each other: then
-- nothing is sorted.

create or replace function stocksync._as_ranges(
    p_ids bigint[],
    out movements bigint,
    out movement_ids int8multirange
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select b.n,
        case
            when b.n = 0 then '{}'
            when b.last - b.first + 1 = b.n then int8multirange(int8range(b.first, b.last, '[]'))
            else (select range_agg(int8range(i, i, '[]')) from unnest(p_ids) as i)
        end
    from (
        select count(*) as n, min(i) as first, max(i) as last from unnest(p_ids) as i
    ) as b;
$function$;

comment on function stocksync._as_ranges(bigint[]) is
    'How many numbers these are, each once, and the same numbers as ranges; none for null.';
