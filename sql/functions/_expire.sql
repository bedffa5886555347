-- Writes off what is past its date of some products, under their locks: what a sale has taken since
-- the run began is not there any more, and what it would take next is not there for it.

create or replace function stocksync._expire(p_run_id bigint, p_product_ids bigint[])
returns void
language plpgsql
volatile
security definer -- nobody writes runs by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_ids int8multirange;
begin
    perform stocksync.lock_products(p_product_ids);

    with booked as (
        insert into public.stock_movements (
            product_id, location_id, movement_type, transaction_type, quantity, occurred_at,
            unit_cost, batch_id, reference
        )
        -- by the clock: what was sold while these locks were waited for comes before
        select b.product_id, b.location_id, 'out', 'expired', e.quantity, clock_timestamp(),
            e.cost_price, b.id, format('expire %s', p_run_id)
        from stocksync._expired_batches(p_product_ids) as e
        join public.stock_batches as b on b.id = e.batch_id
        order by b.product_id, b.id
        returning id
    )
    select r.movement_ids into v_ids
    from stocksync._as_ranges((select array_agg(b.id) from booked as b)) as r;

    update stocksync.runs as u
    set movement_ids = u.movement_ids + v_ids,
        seen_at = clock_timestamp()
    where u.id = p_run_id;
end;
$function$;

comment on function stocksync._expire(bigint, bigint[]) is
    'Books, for a run, an "expired" movement for each batch of these products that is past its date, of all that remains of it. The caller runs at READ COMMITTED.';
