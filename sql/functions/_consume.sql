-- Takes what movements want out of batches: the named one, or by the strategy of the product, as far
-- as there is any. In one statement, for one movement or a hundred thousand.
--
-- The movements of a product that are handed over together must not differ in how they choose, so
-- that no two of them look for the same units: stocksync._allocate() sees to it.

create or replace function stocksync._consume(p_wants stocksync._want[])
returns stocksync._want[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_unmet stocksync._want[];
begin
    with want as (
        select w.*,
            dense_rank() over (
                order by w.product_id, w.location_id, w.batch_id, w.batch_number
            ) as place
        from unnest(p_wants) with ordinality as w (
            movement_id, quantity, product_id, location_id, batch_id, batch_number, takes_unfit,
            day, occurred_at, transaction_type, reference, position
        )
    ),
    place as (
        select w.place, w.product_id, w.location_id, w.batch_id, w.batch_number, w.takes_unfit,
            s.expired_batches, max(w.day) as day
        from want as w
        cross join stocksync.settings as s
        group by 1, 2, 3, 4, 5, 6, 7
    ),
    have as (
        select l.place, b.id, b.quantity_remaining,
            row_number() over (
                order by
                    (b.status = 'quarantined' or coalesce(b.expiry_date < l.day, false))
                        = (l.takes_unfit <> 'first'),
                    b.status,
                    case p.batch_strategy when 'fefo' then b.expiry_date end,
                    case p.batch_strategy when 'lifo' then b.received_at end desc,
                    case p.batch_strategy when 'lifo' then b.id end desc,
                    b.received_at,
                    b.id
            ) as position
        from place as l
        join public.products as p on p.id = l.product_id
        join public.stock_batches as b
            on b.product_id = l.product_id and b.is_open and b.status <> 'retired'
        where b.location_id is not distinct from l.location_id
            and b.id = coalesce(l.batch_id, b.id)
            and b.batch_number = coalesce(l.batch_number, b.batch_number)
            and (
                l.takes_unfit <> 'never'
                or (
                    b.status = 'active'
                    and (
                        l.expired_batches = 'last'
                        or coalesce(b.expiry_date >= l.day, true)
                    )
                )
            )
    ),
    taken as materialized (
        select t.want_id, t.have_id, t.quantity
        from stocksync._share_out(
            (
                select array_agg(row(w.place, w.movement_id, w.quantity)::stocksync._portion
                    order by w.place, w.position)
                from want as w
            ),
            (
                select array_agg(row(h.place, h.id, h.quantity_remaining)::stocksync._portion
                    order by h.place, h.position)
                from have as h
            )
        ) as t
    ),
    consumed as (
        insert into public.batch_consumptions
            (movement_id, batch_id, quantity, occurred_at, transaction_type, reference)
        select t.want_id, t.have_id, trim_scale(t.quantity), w.occurred_at, w.transaction_type,
            w.reference
        from taken as t
        join want as w on w.movement_id = t.want_id
    ),
    changed as (
        update public.stock_batches as b
        set quantity_remaining = trim_scale(b.quantity_remaining - t.quantity)
        from (
            select k.have_id, sum(k.quantity) as quantity
            from taken as k
            group by k.have_id
        ) as t
        where b.id = t.have_id
    )
    select case
        when (select sum(w.quantity) from want as w)
            > (select coalesce(sum(t.quantity), 0) from taken as t)
        then (
            select array_agg(row(
                w.movement_id, w.quantity - coalesce(t.quantity, 0), w.product_id, w.location_id,
                w.batch_id, w.batch_number, w.takes_unfit, w.day, w.occurred_at,
                w.transaction_type, w.reference
            )::stocksync._want order by w.position)
            from want as w
            left join (
                select k.want_id, sum(k.quantity) as quantity
                from taken as k
                group by k.want_id
            ) as t on t.want_id = w.movement_id
            where w.quantity > coalesce(t.quantity, 0)
        )
    end
    into v_unmet;

    return v_unmet;
end;
$function$;

comment on function stocksync._consume(stocksync._want[]) is
    'Takes these quantities out of batches, in this order, and returns what could not be had; null if all could. The caller holds the locks on the products.';
