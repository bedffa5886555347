-- What valuing begins with: what came into the shop, what was sold, and what else went out, in units
-- and at what cost its batch came in. What comes back, by a return or because it was booked by
-- mistake, is so much less gone out. What never went out cannot come back: it came in.

create or replace function stocksync._value_events(p_at timestamptz, p_product_ids bigint[])
returns table (
    product_id bigint,
    kind text,
    quantity numeric,
    cost_price numeric,
    occurred_at timestamptz,
    movement_id bigint,
    batch_id bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with received as (
        select b.product_id, b.cost_price, r.batch_id, r.movement_id, r.of_movement_id, r.quantity,
            r.occurred_at,
            case
                when y.counts_as in ('sale', 'transfer') then y.counts_as
                when y.brings_back is not null then 'other'
                else 'in'
            end as kind
        from public.batch_receipts as r
        join public.stock_batches as b on b.id = r.batch_id and b.status <> 'retired'
        join public.products as p on p.id = b.product_id and p.tracks_batches
        left join public.transaction_types as y on y.name = r.transaction_type
        where r.occurred_at <= p_at
            and (p_product_ids is null or b.product_id = any (p_product_ids))
    ),
    receipt as (
        -- One that was taken back counts, from then on, as if it had never been.
        select r.product_id, r.kind, r.cost_price, sum(r.quantity) as quantity,
            min(r.occurred_at) as occurred_at, k.movement_id, r.batch_id
        from received as r
        cross join lateral (
            select case
                when r.kind = 'in' and r.quantity < 0 then coalesce(r.of_movement_id, r.movement_id)
                else r.movement_id
            end as movement_id
        ) as k
        group by r.product_id, r.kind, r.cost_price, k.movement_id, r.batch_id
    ),
    gone as (
        select b.product_id,
            case
                when y.counts_as in ('sale', 'transfer') then y.counts_as else 'other'
            end as kind,
            c.quantity, b.cost_price, c.occurred_at, c.movement_id, c.batch_id
        from public.batch_consumptions as c
        join public.stock_batches as b on b.id = c.batch_id and b.status <> 'retired'
        join public.products as p on p.id = b.product_id and p.tracks_batches
        left join public.transaction_types as y on y.name = c.transaction_type
        where c.occurred_at <= p_at
            and (p_product_ids is null or b.product_id = any (p_product_ids))
        union all
        select r.product_id, case r.kind when 'in' then 'other' else r.kind end, -r.quantity,
            r.cost_price, r.occurred_at, r.movement_id, r.batch_id
        from receipt as r
        -- what is taken back before it comes in has gone
        where r.kind <> 'in' or r.quantity < 0
    ),
    running as (
        select g.*,
            sum(g.quantity) over (
                partition by g.product_id, g.kind = 'transfer'
                order by g.occurred_at, g.quantity desc, g.movement_id, g.batch_id
            ) as gone
        from gone as g
    ),
    lowest as (
        select r.*,
            least(0, min(r.gone) over (
                partition by r.product_id, r.kind = 'transfer'
                order by r.occurred_at, r.quantity desc, r.movement_id, r.batch_id
            )) as lowest
        from running as r
    ),
    excess as (
        select l.*,
            lag(l.lowest, 1, 0::numeric) over (
                partition by l.product_id, l.kind = 'transfer'
                order by l.occurred_at, l.quantity desc, l.movement_id, l.batch_id
            ) - l.lowest as excess
        from lowest as l
    )
    select r.product_id, r.kind, r.quantity, r.cost_price, r.occurred_at, r.movement_id, r.batch_id
    from receipt as r
    where r.kind = 'in' and r.quantity > 0
    union all
    select e.product_id, 'in', e.excess, e.cost_price, e.occurred_at, e.movement_id, e.batch_id
    from excess as e
    where e.excess > 0
    union all
    select e.product_id, e.kind, e.quantity + e.excess, e.cost_price, e.occurred_at, e.movement_id,
        e.batch_id
    from excess as e
    where e.quantity + e.excess <> 0;
$function$;

comment on function stocksync._value_events(timestamptz, bigint[]) is
    'Until a time, of these products (null: all) that track batches: what came in (kind "in"), what was sold ("sale"), what went to other places of the shop ("transfer") and what else went out ("other"); of these three, what came back is below zero. Of all of a product that are no transfer, and of the transfers, never more has come back than had gone out.';
