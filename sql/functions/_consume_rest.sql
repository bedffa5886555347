-- What could not be had at its turn may be there at the end: what comes in later by the date, or what
-- was booked for a count. What is not even there then is refused, and with it the whole transaction.

create or replace function stocksync._consume_rest(p_unmet stocksync._want[])
returns void
language plpgsql
volatile
-- as in stocksync._allocate()
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set max_parallel_workers_per_gather = 0
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_want stocksync._want;
    v_unmet stocksync._want[];
    r record;
begin
    foreach v_want in array p_unmet loop
        v_unmet := stocksync._consume(array[v_want]);
        continue when v_unmet is null;

        select p.sku, m.quantity, m.batch_id, m.batch_number, f.*,
            m.quantity - v_unmet[1].quantity as there
        into strict r
        from public.stock_movements as m
        join public.products as p on p.id = m.product_id
        cross join stocksync.settings as s
        cross join lateral (
            select
                sum(b.quantity_remaining) filter (where g.is_here and b.status = 'quarantined')
                    as quarantined,
                sum(b.quantity_remaining) filter (
                    where g.is_here and b.status = 'active' and g.is_expired
                ) as expired,
                sum(b.quantity_remaining) filter (
                    where g.is_here and b.status = 'active' and not g.is_expired
                        and not g.is_named
                ) as in_others,
                sum(b.quantity_remaining) filter (where not g.is_here) as elsewhere
            from public.stock_batches as b
            cross join lateral (
                select b.location_id is not distinct from m.location_id as is_here,
                    coalesce(
                        b.expiry_date < (m.occurred_at at time zone s.time_zone)::date, false
                    ) as is_expired,
                    b.id = coalesce(m.batch_id, b.id)
                        and b.batch_number = coalesce(m.batch_number, b.batch_number) as is_named
            ) as g
            where b.product_id = m.product_id and b.is_open and b.status <> 'retired'
        ) as f
        where m.id = v_want.movement_id;

        raise exception 'insufficient stock of "%"', r.sku
            using errcode = 'SS001',
                  detail = format('There are %s%s, and %s were asked for.%s',
                      trim_scale(r.there),
                      case
                          when r.batch_number is not null then format(' of batch "%s"', r.batch_number)
                          when r.batch_id is not null then format(' of batch %s', r.batch_id)
                      end,
                      trim_scale(r.quantity),
                      (
                          select ' Besides there are ' || string_agg(
                              format('%s %s', trim_scale(o.quantity), o.name), ', '
                              order by o.position
                          ) || '.'
                          from (
                              values
                              (1, r.expired, 'that are expired'),
                              (2, r.quarantined, 'in quarantine'),
                              (3, r.in_others, 'in other batches'),
                              (4, r.elsewhere, 'at other places')
                          ) as o (position, quantity, name)
                          where o.quantity > 0
                      )),
                  hint = 'Take less, or receive stock first. "stocksync batch list --sku SKU" shows what is there.',
                  schema = 'public', table = 'stock_batches', column = 'quantity_remaining',
                  constraint = 'stock_batches_remaining_not_negative';
    end loop;
end;
$function$;

comment on function stocksync._consume_rest(stocksync._want[]) is
    'Takes these quantities out of batches, one after the other. Raises SS001 for the first of which there is not enough, and says what is there that may not be taken. The caller holds the locks on the products.';
