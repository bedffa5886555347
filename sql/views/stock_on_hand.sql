-- The stock of each product, exact in every snapshot: what applications and people should read.

drop view if exists public.stock_on_hand cascade;

create view public.stock_on_hand as
select
    p.id as product_id,
    p.sku,
    p.name,
    p.quantity_on_hand,
    p.reorder_point,
    p.status,
    p.is_deleted
from public.products as p;

comment on view public.stock_on_hand is
    'The stock of each product, in units; below zero where more went out than came in.';
