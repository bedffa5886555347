-- One row per product: how much of it was sold in the last report_days days, in which class of
-- importance that puts it, how often its stock turned over, and whether it is dead stock.
--
-- ABC classes by share of value: the few that make the first 80 % are A, those that make the next
-- 15 % B, all others C (H. F. Dickie, ABC Inventory Analysis Shoots for Dollars Not Pennies, 1951).
-- Shares themselves are not kept: one sale changes all of them, and rewriting every row every hour
-- would cost more than all the rest.
-- A product belongs to the class in which its own share begins, so that the best seller is an A even
-- where it alone makes 90 %. Turnover: sold divided by the average stock; both in units, so that the
-- cost of a unit cancels out. The usual (opening + closing) / 2 is blind to what lies between, the
-- mean of all days is not: with q the change of a day,
--     mean of the stock at the end of each day = stock now - sum of q * days before that day / days.

drop materialized view if exists stocksync.slow_and_fast_movers cascade;

create materialized view stocksync.slow_and_fast_movers as
with clock as materialized (
    select stocksync._report_from() as first_day, stocksync._shop_day() as today
),
total as (
    select t.product_id, sum(t.quantity) as on_hand, min(t.first_on) as first_on
    from stocksync.stock_total as t
    group by t.product_id
),
moved as (
    select u.product_id, sum(u.sold) as sold, max(u.last_sale_on) as last_sale_on,
        sum(u.quantity) as quantity, sum(u.quantity_times_days) as quantity_times_days,
        sum(u.quantity_later) as quantity_later
    from (
        select b.product_id, b.sold, b.last_sale_on, b.quantity, b.quantity_times_days,
            0::numeric as quantity_later
        from stocksync._past_by_product as b

        union all
        select d.product_id, -sum(d.quantity) filter (where y.counts_as = 'sale'),
            max(d.day) filter (
                where y.counts_as = 'sale' and y.movement_type = 'out' and d.quantity < 0
            ),
            sum(d.quantity),
            sum(d.quantity * (d.day - (select c.first_day from clock as c))),
            0::numeric
        from stocksync.stock_daily as d
        left join public.transaction_types as y on y.name = d.transaction_type
        where d.day = stocksync._shop_day()
        group by d.product_id

        union all
        select d.product_id, null::numeric, null::date, null::numeric, null::numeric,
            sum(d.quantity)
        from stocksync.stock_daily as d
        where d.day > stocksync._shop_day()
        group by d.product_id
    ) as u
    group by u.product_id
),
product as (
    select p.id as product_id, c.first_day, c.today, t.first_on, m.last_sale_on,
        coalesce(t.on_hand, 0) as on_hand,
        coalesce(m.sold, 0) as sold,
        -- what is no number would make no number of everybody's share
        coalesce(m.sold, 0) * case
            when p.unit_cost >= 0 and p.unit_cost < 'Infinity' then p.unit_cost
            else 1
        end as sold_value,
        coalesce(t.on_hand, 0) - coalesce(m.quantity_later, 0) - (
            coalesce(m.quantity_times_days, 0) - b.skipped * coalesce(m.quantity, 0)
        ) / (c.today - c.first_day + 1 - b.skipped) as average_on_hand
    from public.products as p
    cross join clock as c
    left join total as t on t.product_id = p.id
    left join moved as m on m.product_id = p.id
    -- days of the window before there was such a product
    cross join lateral (
        select greatest(0, least(t.first_on, c.today) - c.first_day) as skipped
    ) as b
),
ranked as (
    select p.*,
        sum(p.sold_value) over (partition by p.sold > 0) as value_of_all,
        sum(p.sold_value) over (
            partition by p.sold > 0
            order by p.sold_value desc, p.product_id
            rows unbounded preceding
        ) as value_so_far
    from product as p
)
select
    r.product_id,
    trim_scale(r.sold) as sold,
    trim_scale(r.sold_value) as sold_value,
    case
        when r.sold <= 0 then null
        when r.value_so_far - r.sold_value < 0.80 * r.value_of_all then 'A'
        when r.value_so_far - r.sold_value < 0.95 * r.value_of_all then 'B'
        else 'C'
    end as abc_class,
    trim_scale(r.on_hand) as on_hand,
    trim_scale(round(r.average_on_hand, 6)) as average_on_hand,
    case when r.average_on_hand > 0 then
        trim_scale(round(r.sold / r.average_on_hand, 6))
    end as turnover,
    r.last_sale_on,
    case when r.first_on is not null then
        r.today - greatest(coalesce(r.last_sale_on, least(r.first_on, r.today)), r.first_day)
    end as days_without_sale,
    r.on_hand > 0 and r.sold <= 0 and r.first_on < r.first_day as is_dead_stock
from ranked as r;

create unique index slow_and_fast_movers_product_id_idx
    on stocksync.slow_and_fast_movers (product_id);

comment on materialized view stocksync.slow_and_fast_movers is
    'What sells and what lies: one row per product, about the last report_days days of stocksync.settings, the day of the refresh being the last of them; as of the last refresh. Sold is what moved by types that count as "sale".';
comment on column stocksync.slow_and_fast_movers.sold is
    'Units sold, less what customers brought back; below zero where they brought back more.';
comment on column stocksync.slow_and_fast_movers.sold_value is
    'sold times the product''s unit_cost. A product without one counts as if it were 1, so that a shop that keeps no costs gets classes by units.';
comment on column stocksync.slow_and_fast_movers.abc_class is
    '"A" for the products that make the first 80 % of the value sold, "B" the next 15 %, "C" the rest; a product on the line belongs to the better class. Null where nothing was sold.';
comment on column stocksync.slow_and_fast_movers.on_hand is
    'The stock by the ledger, movements dated in the future included.';
comment on column stocksync.slow_and_fast_movers.average_on_hand is
    'Mean of the stock at the end of each day; of a product first moved within these days, since that day.';
comment on column stocksync.slow_and_fast_movers.turnover is
    'sold / average_on_hand: how often the stock was sold in these days. Null where average_on_hand is not above zero.';
comment on column stocksync.slow_and_fast_movers.last_sale_on is
    'The last of these days on which a type of sale, at a location, moved more than was taken back; null if there is none.';
comment on column stocksync.slow_and_fast_movers.days_without_sale is
    'Days since last_sale_on, else since the first movement, but not more than these days; null for a product that never moved.';
comment on column stocksync.slow_and_fast_movers.is_dead_stock is
    'There is stock, there was such a product before these days, and in them nothing was sold.';
