-- Brings units into batches: each into the one of its product, place, number, expiry date and cost,
-- which is made where there is none.

create or replace function stocksync._receive(p_receipts stocksync._receipt[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- Two sessions cannot make the same one: the caller holds the locks on the products. What is
    -- quarantined is so by its number: also where it is moved to, and what comes in of it later.
    insert into public.stock_batches (
        product_id, location_id, batch_number, expiry_date, cost_price, received_at, origin_id,
        status
    )
    select n.product_id, n.location_id, n.batch_number, n.expiry_date, n.cost_price, n.received_at,
        n.origin_id,
        case
            when exists (
                select
                from public.stock_batches as q
                where q.product_id = n.product_id
                    and q.batch_number = n.batch_number
                    and q.status = 'quarantined'
            ) then 'quarantined'
            else 'active'
        end
    from (
        select distinct on (
            r.product_id, r.batch_number, r.location_id, r.expiry_date, r.cost_price
        ) r.*
        from unnest(p_receipts) as r
        order by r.product_id, r.batch_number, r.location_id, r.expiry_date, r.cost_price,
            r.occurred_at, r.movement_id, r.origin_id
    ) as n
    -- their numbers say which came first, of those of one moment
    order by n.occurred_at, n.movement_id, n.origin_id
    on conflict (product_id, batch_number, location_id, expiry_date, cost_price)
        where status <> 'retired' do nothing;

    with receipt as materialized (
        select r.movement_id, b.id as batch_id, r.quantity, r.of_movement_id, r.occurred_at
        from unnest(p_receipts) as r
        join public.stock_batches as b
            on b.product_id = r.product_id
            and b.batch_number = r.batch_number
            and b.location_id is not distinct from r.location_id
            and b.expiry_date is not distinct from r.expiry_date
            and b.cost_price is not distinct from r.cost_price
            and b.status <> 'retired'
    ),
    received as (
        insert into public.batch_receipts
            (movement_id, batch_id, quantity, of_movement_id, occurred_at, transaction_type)
        select r.movement_id, r.batch_id, trim_scale(r.quantity), r.of_movement_id, r.occurred_at,
            (select m.transaction_type from public.stock_movements as m where m.id = r.movement_id)
        from receipt as r
    )
    update public.stock_batches as b
    set quantity_received = trim_scale(b.quantity_received + r.quantity),
        quantity_remaining = trim_scale(b.quantity_remaining + r.quantity)
    from (
        select t.batch_id, sum(t.quantity) as quantity
        from receipt as t
        group by t.batch_id
    ) as r
    where b.id = r.batch_id;
end;
$function$;

comment on function stocksync._receive(stocksync._receipt[]) is
    'Brings these units into their batches and makes those that are missing. Raises check_violation for a number or a date that no batch can have. The caller holds the locks on the products.';
