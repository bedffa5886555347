-- The stock of each product, exact in every snapshot: what applications and people should read.

drop view if exists public.stock_on_hand cascade;

create view public.stock_on_hand as
select
    p.id as product_id,
    p.sku,
    p.name,
    -- A probe for each product asked for, into a table that is nearly always empty.
    pg_catalog.trim_scale(p.quantity_on_hand + coalesce(
        (
            select pg_catalog.sum(q.quantity)
            from stocksync._pending as q
            where q.product_id = p.id
        ),
        0
    )) as quantity_on_hand,
    p.reorder_point,
    p.status,
    p.is_deleted
from public.products as p;

comment on view public.stock_on_hand is
    'The stock of each product, in units, with the changes that still wait for a busy product; below zero where more went out than came in.';
