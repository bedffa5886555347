-- Products whose stock is not what the roll-up and the journal say: what the hourly refresh looks at
-- closely. The cost follows the products, not the history. Which of the two is wrong is not decided
-- here: the correction compares both with the movements.

create or replace function stocksync._suspects()
returns setof bigint
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select p.id
    from public.products as p
    -- One row per product at most: nothing to sum for a shop with one place.
    left join stocksync.stock_total as t on t.product_id = p.id and t.location_id is null
    left join (
        select u.product_id, sum(u.quantity) as quantity
        from (
            select l.product_id, l.quantity
            from stocksync.stock_total as l
            where l.location_id is not null
            union all
            select l.product_id, l.quantity
            from stocksync._journal as j
            cross join unnest(j.lines) as l
            union all
            select q.product_id, -q.quantity
            from stocksync._pending as q
        ) as u
        group by u.product_id
    ) as r on r.product_id = p.id
    where p.quantity_on_hand <> coalesce(t.quantity + r.quantity, t.quantity, r.quantity, 0)
        or p.total_stock <> p.quantity_on_hand;
$function$;

comment on function stocksync._suspects() is
    'The products whose quantity_on_hand plus pending, or total_stock plus pending, is not stock_total plus journal.';
