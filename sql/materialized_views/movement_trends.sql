-- What moved in each day, week and month, by type. Only whole periods: the window begins with the
-- month in which the settings' report_days begin, and for weeks with the week in which that month
-- does, so that nothing at its old edge is cut. The newest period ends with the day of the refresh.

drop materialized view if exists stocksync.movement_trends cascade;

create materialized view stocksync.movement_trends as
with daily as (
    select d.day, d.transaction_type, d.quantity, d.movements
    from stocksync._past_by_type as d

    union all
    select d.day, d.transaction_type, sum(d.quantity), sum(d.movements)
    from stocksync.stock_daily as d
    where d.movements <> 0 and d.day = stocksync._shop_day()
    group by d.day, d.transaction_type
),
calendar as (
    select d.day, d.transaction_type, d.quantity, d.movements,
        date_trunc('week', d.day::timestamp)::date as week,
        date_trunc('month', d.day::timestamp)::date as month
    from daily as d
)
select
    p.period,
    p.starts_on,
    y.name as transaction_type,
    y.movement_type,
    trim_scale(case y.movement_type when 'in' then sum(d.quantity) else -sum(d.quantity) end)
        as quantity,
    sum(d.movements)::bigint as movements,
    p.ends_on < (select stocksync._shop_day()) as is_complete
from calendar as d
join public.transaction_types as y on y.name = d.transaction_type
cross join lateral (
    values
    ('day', d.day, d.day),
    ('week', d.week, d.week + 6),
    ('month', d.month, (d.month + interval '1 month')::date - 1)
) as p (period, starts_on, ends_on)
where p.period = 'week' or d.month >= (
    select date_trunc('month', stocksync._report_from()::timestamp)::date
)
group by p.period, p.starts_on, p.ends_on, y.name, y.movement_type;

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
comment on column stocksync.movement_trends.is_complete is
    'False for the period of the day of the refresh: it was not over.';
