-- Which batch a movement that comes in is of. By its number it may say little of a batch that is
-- known: what it leaves out is as the batch has it. What it says otherwise is another batch.

create or replace function stocksync._receive_movements(p_wants stocksync._want[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    r record;
begin
    for r in
        select w.batch_id, (select p.sku from public.products as p where p.id = w.product_id) as sku
        from unnest(p_wants) as w
        where w.batch_id is not null
            and not exists (
                select from public.stock_batches as b
                where b.id = w.batch_id and b.product_id = w.product_id
            )
        order by w.movement_id
        limit 1
    loop
        raise exception 'batch % is not a batch of "%"', r.batch_id, r.sku
            using errcode = 'foreign_key_violation',
                  hint = 'List the batches of a product with "stocksync batch list --sku SKU".',
                  schema = 'public', table = 'stock_movements', column = 'batch_id',
                  constraint = 'stock_movements_batch_exists';
    end loop;

    perform stocksync._receive(array_agg(row(
        m.id, m.product_id, m.location_id,
        coalesce(n.batch_number, m.batch_number, '#' || m.id),
        case
            when n.id is not null then n.expiry_date
            else coalesce(m.expiry_date, k.expiry_date)
        end,
        case
            when n.id is not null then n.cost_price
            when k.is_same or k.is_moved then k.cost_price
            else coalesce(
                m.unit_cost,
                k.cost_price,
                -- a product's cost is not checked: NaN is above every number
                case when p.unit_cost >= 0 and p.unit_cost < 1e15 then p.unit_cost end
            )
        end,
        w.quantity, null,
        coalesce(n.origin_id, n.id, k.origin_id),
        coalesce(n.received_at, k.received_at, m.occurred_at),
        m.occurred_at
    )::stocksync._receipt))
    from unnest(p_wants) as w
    join public.stock_movements as m on m.id = w.movement_id
    join public.products as p on p.id = m.product_id
    join public.transaction_types as y on y.name = m.transaction_type
    -- not joined: see stocksync._allocate()
    left join lateral (
        select * from public.stock_batches as b where b.id = w.batch_id limit 1
    ) as n on true
    -- The batch of this number: here and as the movement says, else the newest one anywhere.
    left join lateral (
        select b.expiry_date, b.cost_price, h.is_same, h.is_moved,
            case when h.is_same then b.origin_id when h.is_moved then coalesce(b.origin_id, b.id) end
                as origin_id,
            case when h.is_same or h.is_moved then b.received_at end as received_at
        from public.stock_batches as b
        cross join lateral (
            select
                b.location_id is not distinct from m.location_id
                    and b.expiry_date is not distinct from coalesce(m.expiry_date, b.expiry_date)
                    and (
                        y.brings_back is not null
                        or b.cost_price is not distinct from coalesce(m.unit_cost, b.cost_price)
                    ) as is_same,
                y.brings_back is not null as is_moved
        ) as h
        where b.product_id = m.product_id
            -- one that came in without a number may have a batch of its own, from before it changed
            and b.batch_number = coalesce(m.batch_number, '#' || m.id)
            and b.status <> 'retired'
        order by h.is_same desc, b.id desc
        limit 1
    ) as k on w.batch_id is null;
end;
$function$;

comment on function stocksync._receive_movements(stocksync._want[]) is
    'Brings these quantities into the batches that the movements name, or into batches of their own. Raises foreign_key_violation for a batch that is not one of the product. The caller holds the locks on the products.';
