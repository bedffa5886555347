-- What moved in each day, week and month, by type. Only whole periods: the window begins with the
-- month in which the settings' report_days begin, and for weeks with the week in which that month
-- does, so that nothing at its old edge is cut. The newest period ends with the day of the refresh.
--
-- Weeks and months are made of days, and products must not be counted twice in them: a product
-- counts in a period where it moves for the first time in it, that is, where it last moved before
-- the period began. So each row of stock_daily is read once.

drop materialized view if exists stocksync.movement_trends cascade;

create materialized view stocksync.movement_trends as
with moved as (
    select d.transaction_type, d.day, d.quantity, d.movements,
        lag(d.day) over (partition by d.product_id, d.transaction_type order by d.day) as before
    from stocksync.stock_daily as d
    where d.movements <> 0
        and d.day >= date_trunc(
            'week', date_trunc('month', stocksync._report_from()::timestamp)
        )::date
        and d.day <= stocksync._shop_day()
),
calendar as materialized (
    select g::date as day, date_trunc('week', g)::date as week, date_trunc('month', g)::date as month
    from generate_series(
        date_trunc('week', date_trunc('month', stocksync._report_from()::timestamp)),
        stocksync._shop_day()::timestamp,
        interval '1 day'
    ) as g
),
daily as (
    select m.transaction_type, c.day, c.week, c.month, sum(m.quantity) as quantity,
        sum(m.movements) as movements,
        count(*) filter (where (m.before < c.day) is not false) as products_of_day,
        count(*) filter (where (m.before < c.week) is not false) as products_of_week,
        count(*) filter (where (m.before < c.month) is not false) as products_of_month
    from moved as m
    join calendar as c on c.day = m.day
    group by m.transaction_type, c.day, c.week, c.month
)
select
    p.period,
    p.starts_on,
    y.name as transaction_type,
    y.movement_type,
    trim_scale(case y.movement_type when 'in' then sum(d.quantity) else -sum(d.quantity) end)
        as quantity,
    sum(d.movements)::bigint as movements,
    sum(p.products)::bigint as products,
    p.ends_on < (select stocksync._shop_day()) as is_complete
from daily as d
join public.transaction_types as y on y.name = d.transaction_type
cross join lateral (
    values
    ('day', d.day, d.day, d.products_of_day),
    ('week', d.week, d.week + 6, d.products_of_week),
    ('month', d.month, (d.month + interval '1 month')::date - 1, d.products_of_month)
) as p (period, starts_on, ends_on, products)
where p.period = 'week' or d.month >= (
    select date_trunc('month', stocksync._report_from()::timestamp)::date
)
group by p.period, p.starts_on, p.ends_on, y.name;

create unique index movement_trends_period_starts_on_transaction_type_idx
    on stocksync.movement_trends (period, starts_on, transaction_type);

comment on materialized view stocksync.movement_trends is
    'What moved in each day, week (from Monday) and month of the shop, by transaction type, as of the last refresh. It begins with the month in which the last report_days days of stocksync.settings begin, and weeks with the one in which that month does, so that no period is cut; movements dated after the day of the refresh are left out. A period without movements of a type has no row.';
comment on column stocksync.movement_trends.period is '"day", "week" or "month".';
comment on column stocksync.movement_trends.starts_on is 'First day of the period.';
comment on column stocksync.movement_trends.movement_type is
    'Direction of the type: "in" or "out".';
comment on column stocksync.movement_trends.quantity is
    'Units, counted in the direction of the type: above zero, unless more was taken back than moved.';
comment on column stocksync.movement_trends.movements is 'Number of movements.';
comment on column stocksync.movement_trends.products is 'Number of different products that moved.';
comment on column stocksync.movement_trends.is_complete is
    'False for the period of the day of the refresh: it was not over.';
