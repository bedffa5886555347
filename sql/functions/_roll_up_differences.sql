-- What would have to be added to the roll-up to make it the ledger, bucket by bucket. Nothing, as
-- long as every movement came through capture.

create or replace function stocksync._roll_up_differences(p_product_ids bigint[])
returns setof stocksync._line
language sql
stable
parallel safe
as $function$
    select d.product_id, d.location_id, d.day, d.transaction_type,
        sum(d.quantity), sum(d.movements)::integer
    from (
        select m.product_id, m.location_id, m.day, m.transaction_type, m.quantity, m.movements
        from stocksync._turnovers as m
        where p_product_ids is null or m.product_id = any (p_product_ids)
        union all
        select t.product_id, t.location_id, t.day, t.transaction_type, -t.quantity, -t.movements
        from stocksync.stock_daily as t
        where p_product_ids is null or t.product_id = any (p_product_ids)
        union all
        select l.product_id, l.location_id, l.day, l.transaction_type, -l.quantity, -l.movements
        from stocksync._journal as j
        cross join unnest(j.lines) as l
        where p_product_ids is null or l.product_id = any (p_product_ids)
    ) as d
    group by 1, 2, 3, 4
    having sum(d.quantity) <> 0 or sum(d.movements) <> 0;
$function$;

comment on function stocksync._roll_up_differences(bigint[]) is
    'Ledger minus (stock_daily plus journal), where that is not nothing, for these products; null for all.';
