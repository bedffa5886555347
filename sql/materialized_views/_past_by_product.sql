-- What the days before today say of each product, within the windows of the reports. Today is left
-- out, and added where this is read: so an hour of new movements leaves it as it is, and only
-- midnight and back-dated movements make it be refreshed.

drop materialized view if exists stocksync._past_by_product cascade;

create materialized view stocksync._past_by_product as
with clock as materialized (
    select stocksync._report_from() as first_day, stocksync._shop_day() as today
)
select
    d.product_id,
    -sum(d.quantity) filter (
        where y.counts_as = 'sale' and d.day >= (select c.today - 7 from clock as c)
    ) as sold_7,
    -sum(d.quantity) filter (
        where y.counts_as = 'sale' and d.day >= (select c.today - 30 from clock as c)
    ) as sold_30,
    -sum(d.quantity) filter (
        where y.counts_as = 'sale' and d.day >= (select c.today - 90 from clock as c)
    ) as sold_90,
    -sum(d.quantity) filter (
        where y.counts_as = 'sale' and d.day >= (select c.first_day from clock as c)
    ) as sold,
    max(d.day) filter (
        where y.counts_as = 'sale' and y.movement_type = 'out' and d.quantity < 0
            and d.day >= (select c.first_day from clock as c)
    ) as last_sale_on,
    sum(d.quantity) filter (where d.day >= (select c.first_day from clock as c)) as quantity,
    sum(d.quantity * (d.day - (select c.first_day from clock as c))) filter (
        where d.day >= (select c.first_day from clock as c)
    ) as quantity_times_days
from stocksync.stock_daily as d
left join public.transaction_types as y on y.name = d.transaction_type
where d.day >= least(stocksync._report_from(), stocksync._shop_day() - 90)
    and d.day < stocksync._shop_day()
group by d.product_id;

create unique index _past_by_product_product_id_idx on stocksync._past_by_product (product_id);

comment on materialized view stocksync._past_by_product is
    'Sums over the days before the day of the refresh: of the last 7, 30 and 90, and of those that are among the last report_days of stocksync.settings.';
