-- What moved in each day, week and month, by type. Only whole periods: the window begins with the
-- month in which the settings' report_days begin, and for weeks with the week in which that month
-- does, so that nothing at its old edge is cut. The newest period ends with the day of the refresh.
--
-- How many different products moved is not told: of all figures the only one that is no sum of
-- days, it would cost more than all the others together.

drop materialized view if exists stocksync.movement_trends cascade;

create materialized view stocksync.movement_trends as
select
    p.period,
    p.starts_on,
    y.name as transaction_type,
    y.movement_type,
    trim_scale(sum(case y.movement_type when 'in' then t.quantity else -t.quantity end))
        as quantity,
    sum(t.movements)::bigint as movements,
    p.starts_on + p.length <= (select stocksync._shop_day())::timestamp as is_complete
from stocksync._day_totals() as t
join public.transaction_types as y on y.name = t.transaction_type
cross join lateral (
    values
    ('day', t.day, interval '1 day'),
    ('week', date_trunc('week', t.day::timestamp)::date, interval '1 week'),
    ('month', date_trunc('month', t.day::timestamp)::date, interval '1 month')
) as p (period, starts_on, length)
where p.period = 'week'
    or t.day >= (select date_trunc('month', stocksync._report_from()::timestamp)::date)
group by p.period, p.starts_on, p.length, y.name, y.movement_type
-- Movements that were deleted leave nothing behind.
having sum(t.movements) <> 0;

create unique index movement_trends_period_starts_on_transaction_type_idx
    on stocksync.movement_trends (period, starts_on, transaction_type);

comment on materialized view stocksync.movement_trends is
    'What moved in each day, week (from Monday) and month of the shop, by transaction type, as of the last refresh. It begins with the month in which the last report_days days of stocksync.settings begin, and weeks with the one in which that month does, so that no period is cut; movements dated after the day of the refresh are left out. A period in which nothing of a type moved has no row.';
comment on column stocksync.movement_trends.period is '"day", "week" or "month".';
comment on column stocksync.movement_trends.starts_on is 'First day of the period.';
comment on column stocksync.movement_trends.movement_type is
    'Direction of the type: "in" or "out".';
comment on column stocksync.movement_trends.quantity is
    'Units, counted in the direction of the type: above zero, unless more was taken back than moved.';
comment on column stocksync.movement_trends.movements is 'Number of movements.';
comment on column stocksync.movement_trends.is_complete is
    'False for the period of the day of the refresh, which was not over.';
