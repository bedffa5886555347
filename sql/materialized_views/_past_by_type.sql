-- What the days before today say of each type, from the first whole week or month of the window of
-- the reports. See _past_by_product.

drop materialized view if exists stocksync._past_by_type cascade;

create materialized view stocksync._past_by_type as
select d.day, d.transaction_type, sum(d.quantity) as quantity, sum(d.movements) as movements
from stocksync.stock_daily as d
where d.movements <> 0
    and d.day >= date_trunc(
        'week', date_trunc('month', stocksync._report_from()::timestamp)
    )::date
    and d.day < stocksync._shop_day()
group by d.day, d.transaction_type;

create unique index _past_by_type_day_transaction_type_idx
    on stocksync._past_by_type (day, transaction_type);

comment on materialized view stocksync._past_by_type is
    'What moved on each day before the day of the refresh, by transaction type.';
