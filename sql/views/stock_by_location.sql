-- The stock of each product at each place: what has been rolled up plus what is in the journal, so
-- that it is as exact as the stock of the product.

drop view if exists stocksync.stock_by_location cascade;

create view stocksync.stock_by_location as
select
    u.product_id,
    p.sku,
    p.name,
    u.location_id,
    l.name as location,
    pg_catalog.trim_scale(pg_catalog.sum(u.quantity)) as quantity,
    pg_catalog.sum(u.movements)::bigint as movements
from (
    select t.product_id, t.location_id, t.quantity, t.movements
    from stocksync.stock_total as t
    union all
    select j.product_id, j.location_id, j.quantity, j.movements
    from stocksync._journal as w
    cross join pg_catalog.unnest(w.lines) as j
) as u
join public.products as p on p.id = u.product_id
left join public.locations as l on l.id = u.location_id
group by u.product_id, p.sku, p.name, u.location_id, l.name
-- Movements that were deleted leave nothing behind.
having pg_catalog.sum(u.quantity) <> 0 or pg_catalog.sum(u.movements) <> 0;

comment on view stocksync.stock_by_location is
    'The stock of each product at each location, in units. A null location is the one unnamed place.';
comment on column stocksync.stock_by_location.location is 'Name of the place; null for the unnamed one.';
comment on column stocksync.stock_by_location.quantity is 'In minus out, there.';
comment on column stocksync.stock_by_location.movements is 'Number of movements, there.';
