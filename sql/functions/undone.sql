-- What an undo did, product by product, in the shape of its dry run.

create or replace function stocksync.undone(p_undo_run_id bigint)
returns table (
    product_id bigint,
    sku text,
    name text,
    movements bigint,
    corrections bigint,
    quantity_before numeric,
    change numeric,
    quantity_after numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.product_id, s.sku, s.name, c.movements, c.corrections,
        trim_scale(s.quantity_on_hand - c.change), trim_scale(c.change), s.quantity_on_hand
    from (
        select u.product_id,
            sum(u.movements)::bigint as movements,
            sum(u.corrections)::bigint as corrections,
            sum(u.change) as change
        from (
            select m.product_id, 1 as movements, 0 as corrections,
                case m.movement_type when 'in' then m.quantity else -m.quantity end as change
            from stocksync.runs as r
            cross join unnest(r.movement_ids) as i
            join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
            where r.id = p_undo_run_id and r.command = 'undo'
            union all
            select i.product_id, 0, 1,
                case i.class when 'quantity_on_hand' then i.after - i.before else 0 end
            from stocksync.runs as r
            join stocksync.incidents as i on i.run_id = r.id
            where r.id = p_undo_run_id and r.command = 'undo'
        ) as u
        group by u.product_id
    ) as c
    join public.stock_on_hand as s on s.product_id = c.product_id
    order by s.sku;
$function$;

comment on function stocksync.undone(bigint) is
    'What this undo did: how many movements it reversed and how many corrections it put back, by product. quantity_after is the stock now, quantity_before what it would be without the undo. Empty for a run that is no undo.';
