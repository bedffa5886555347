-- What no movement of a batch accounts for was there, or was under way, when the product began to
-- track batches: it belongs to the opening batch of its place.

create or replace function stocksync._adjust_opening(p_lines stocksync._line[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_changes stocksync._batch_change[];
    v_batch_id bigint;
    r record;
begin
    for r in
        select l.product_id, l.location_id, sum(l.quantity) as quantity
        from unnest(p_lines) as l
        group by l.product_id, l.location_id
        having sum(l.quantity) <> 0
        order by l.product_id, l.location_id nulls first
    loop
        select b.id into v_batch_id
        from public.stock_batches as b
        join public.batch_receipts as c on c.batch_id = b.id and c.movement_id is null
        where b.product_id = r.product_id
            and b.location_id is not distinct from r.location_id
            and b.status <> 'retired'
        order by b.id
        limit 1;

        if v_batch_id is null then
            insert into public.stock_batches as b
                (product_id, location_id, batch_number, cost_price, received_at)
            select p.id, r.location_id, 'opening',
                -- a product's cost is not checked: NaN is above every number
                case when p.unit_cost >= 0 and p.unit_cost < 1e15 then p.unit_cost end, now()
            from public.products as p
            where p.id = r.product_id
            -- somebody's own batch may be called that
            on conflict (product_id, batch_number, location_id, expiry_date, cost_price)
                where status <> 'retired'
                do update set received_at = least(b.received_at, excluded.received_at)
            returning id into v_batch_id;
        end if;

        insert into public.batch_receipts (batch_id, quantity, occurred_at)
        values (v_batch_id, trim_scale(r.quantity), now());

        v_changes := v_changes
            || row(v_batch_id, r.quantity, r.quantity)::stocksync._batch_change;
    end loop;

    perform stocksync._change_batches(v_changes);
end;
$function$;

comment on function stocksync._adjust_opening(stocksync._line[]) is
    'Adds these quantities to the opening batches of their products and places, and makes those that are missing. Raises SS001 if less than nothing would remain. The caller holds the locks on the products.';
