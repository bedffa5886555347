-- What stocksync.undo() would do, asked the way it is asked.

create or replace function stocksync.undo_dry_run(
    p_run_id bigint default null,
    p_since timestamptz default null,
    p_type text default null,
    p_reference text default null
)
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
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync._check_undo(p_run_id, p_since, p_type, p_reference);

    return query
    select s.product_id, s.sku, s.name, c.movements, c.corrections,
        s.quantity_on_hand, trim_scale(c.change), trim_scale(s.quantity_on_hand + c.change)
    from (
        select u.product_id,
            sum(u.movements)::bigint as movements,
            sum(u.corrections)::bigint as corrections,
            sum(u.change) as change
        from (
            select (m.movement).product_id, 1 as movements, 0 as corrections,
                case (m.movement).movement_type
                    when 'in' then -(m.movement).quantity
                    else (m.movement).quantity
                end as change
            from stocksync._undo_movements(p_run_id, p_since, p_type, p_reference) as m
            where m.left_out is null
            union all
            select c.product_id, 0, 1,
                case c.class when 'quantity_on_hand' then c.after - c.before else 0 end
            from stocksync._undo_corrections(p_run_id) as c
        ) as u
        group by u.product_id
    ) as c
    join public.stock_on_hand as s on s.product_id = c.product_id
    order by s.sku;
end;
$function$;

comment on function stocksync.undo_dry_run(bigint, timestamptz, text, text) is
    'What stocksync.undo() with the same arguments would do, product by product: how many movements it would reverse, how many corrections put back, and the stock before and after. Changes nothing. Raises as stocksync.undo() does, but for SS001, which comes when it is done.';
