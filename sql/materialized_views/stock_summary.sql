-- One row per product: what came in, what went out, what is there, how fast it sells, how long it
-- lasts. The totals of all history are in stock_total, those of the last 90 days in _past_by_product.
--
-- A day that is not over, and days before there was such a product, would pull an average down:
-- they do not count. Days of cover, also called days of supply: what is there divided by the
-- average daily demand. S. Chopra, P. Meindl: Supply Chain Management, on inventory metrics.

drop materialized view if exists stocksync.stock_summary cascade;

create materialized view stocksync.stock_summary as
with clock as materialized (
    select stocksync._shop_day() as today
),
total as (
    select t.product_id, sum(t.quantity_in) as quantity_in, sum(t.quantity) as on_hand,
        sum(t.movements)::bigint as movements, min(t.first_on) as first_on,
        max(t.last_on) as last_on, max(t.last_count_on) as last_count_on
    from stocksync.stock_total as t
    group by t.product_id
)
select
    p.id as product_id,
    trim_scale(coalesce(t.quantity_in, 0)) as quantity_in,
    trim_scale(coalesce(t.quantity_in - t.on_hand, 0)) as quantity_out,
    trim_scale(coalesce(t.on_hand, 0)) as on_hand,
    coalesce(t.movements, 0) as movements,
    t.first_on,
    t.last_on,
    t.last_count_on,
    trim_scale(round(coalesce(s.sold_7, 0) / least(7, a.days), 6)) as daily_sales_7,
    trim_scale(round(coalesce(s.sold_30, 0) / least(30, a.days), 6)) as daily_sales_30,
    trim_scale(round(coalesce(s.sold_90, 0) / least(90, a.days), 6)) as daily_sales_90,
    case when s.sold_30 > 0 then
        trim_scale(round(greatest(t.on_hand, 0) * least(30, a.days) / s.sold_30, 1))
    end as days_of_cover
from public.products as p
cross join clock as c
left join total as t on t.product_id = p.id
left join stocksync._past_by_product as s on s.product_id = p.id
-- whole days since the first movement
cross join lateral (select greatest(c.today - t.first_on, 1) as days) as a;

create unique index stock_summary_product_id_idx on stocksync.stock_summary (product_id);

comment on materialized view stocksync.stock_summary is
    'What came in and went out of each product, how fast it sells and how long it lasts: one row per product, as of the last refresh.';
comment on column stocksync.stock_summary.quantity_in is
    'Sum of the types that bring stock in, less what was taken back; of all time, at all locations.';
comment on column stocksync.stock_summary.quantity_out is
    'Sum of the types that take stock out, less what was taken back; of all time, at all locations.';
comment on column stocksync.stock_summary.on_hand is
    'quantity_in - quantity_out: the stock by the ledger. Below zero where more went out than came in.';
comment on column stocksync.stock_summary.movements is 'Number of movements.';
comment on column stocksync.stock_summary.first_on is
    'Day of the first movement; null where there is none.';
comment on column stocksync.stock_summary.last_on is
    'Day of the last movement, which may be in the future; null where there is none.';
comment on column stocksync.stock_summary.last_count_on is
    'Day of the last physical count that changed something; null where there is none.';
comment on column stocksync.stock_summary.daily_sales_7 is
    'Units sold a day, on average of the last 7 whole days (of the days since the first movement, if fewer). What customers brought back is taken off, so that it can be below zero. Sold is what moved by types that count as "sale". The day of the refresh does not count.';
comment on column stocksync.stock_summary.daily_sales_30 is 'The same, of the last 30 whole days.';
comment on column stocksync.stock_summary.daily_sales_90 is 'The same, of the last 90 whole days.';
comment on column stocksync.stock_summary.days_of_cover is
    'How many days the stock lasts if it sells as in the last 30: on_hand / daily_sales_30. 0 where there is no stock, null where nothing was sold.';
