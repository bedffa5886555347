-- The stock, as public.stock_on_hand has it, for whoever needs all products at once: what waits is
-- summed once and joined, where that view probes for each product. For one sku, or the lines of an
-- order, a join would read all that waits as well: there the probe is the cheaper one.

drop view if exists stocksync._stock cascade;

create view stocksync._stock as
select
    p.id as product_id,
    p.sku,
    p.name,
    p.quantity_on_hand + coalesce(w.quantity, 0) as quantity_on_hand,
    p.reorder_point,
    p.status,
    p.is_deleted
from public.products as p
left join (
    select q.product_id, pg_catalog.sum(q.quantity) as quantity
    from stocksync._pending as q
    group by q.product_id
) as w on w.product_id = p.id;

comment on view stocksync._stock is
    'The stock of each product with the changes that still wait for a busy product: as in public.stock_on_hand, trailing zeros apart.';
