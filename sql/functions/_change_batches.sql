-- Adds these changes to batches. Nothing clamps at zero: what has been taken cannot be taken back
-- from whoever brought it.

create or replace function stocksync._change_batches(p_changes stocksync._batch_change[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    r record;
begin
    for r in
        select b.batch_number, b.quantity_remaining as there, -c.remaining as asked, p.sku
        from (
            select u.batch_id, sum(u.remaining) as remaining
            from unnest(p_changes) as u
            group by u.batch_id
        ) as c
        join public.stock_batches as b on b.id = c.batch_id
        join public.products as p on p.id = b.product_id
        where b.quantity_remaining + c.remaining < 0
        order by b.id
        limit 1
    loop
        raise exception 'insufficient stock of "%"', r.sku
            using errcode = 'SS001',
                  detail = format('There are %s left of batch "%s", and %s are taken back.',
                      r.there, r.batch_number, trim_scale(r.asked)),
                  hint = 'Reverse first what was taken from the batch since.',
                  schema = 'public', table = 'stock_batches', column = 'quantity_remaining',
                  constraint = 'stock_batches_remaining_not_negative';
    end loop;

    update public.stock_batches as b
    set quantity_received = trim_scale(b.quantity_received + c.received),
        quantity_remaining = trim_scale(b.quantity_remaining + c.remaining)
    from (
        select u.batch_id, sum(u.received) as received, sum(u.remaining) as remaining
        from unnest(p_changes) as u
        group by u.batch_id
    ) as c
    where b.id = c.batch_id;
end;
$function$;

comment on function stocksync._change_batches(stocksync._batch_change[]) is
    'Adds these changes to what was received into batches and remains of them; null is none. Raises SS001 if less than nothing would remain. The caller holds the locks on the products.';
