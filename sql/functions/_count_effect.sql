-- What came of a count: what was booked for it, and what has moved since the moment of which it is.

create or replace function stocksync._count_effect(p_count stocksync.counts)
returns table (movement_id bigint, movements_since bigint, moved_since numeric)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select
        (
            select min(k.movement_id)
            from stocksync.count_corrections as k
            where k.count_id = (p_count).id
        ),
        count(*),
        coalesce(
            trim_scale(sum(case m.movement_type when 'in' then m.quantity else -m.quantity end)), 0
        )
    from public.stock_movements as m
    where m.product_id = (p_count).product_id
        and m.occurred_at > (p_count).counted_at
        and m.location_id is not distinct from (p_count).location_id;
$function$;

comment on function stocksync._count_effect(stocksync.counts) is
    'The movement that was first booked for a count, null if none was, and how many movements of its product at its place occurred after it, and what they come to.';
