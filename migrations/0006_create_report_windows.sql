-- What the reports keep of the days that are over, so that a refresh reads the days that are not.
-- depends: 0005_create_alerts

-- Unlogged: what a crash takes is made anew from stock_daily.
create unlogged table stocksync._product_window (
    product_id bigint constraint _product_window_pkey primary key,
    today date not null,
    first_day date not null,
    sold_7 numeric not null,
    sold_30 numeric not null,
    sold_90 numeric not null,
    sold numeric not null,
    last_sale_on date,
    quantity numeric not null,
    quantity_times_days numeric not null
);

comment on table stocksync._product_window is
    'Of each product, what moved in the days before "today" that the reports look back: sold in the last 7, 30 and 90 of them; and since first_day sold, when last, the change of the stock, and the sum of the change of each day times its distance from first_day. A product that is not here is summed when it is read.';

create unlogged table stocksync._day_total (
    day date,
    transaction_type text,
    quantity numeric not null,
    movements bigint not null,
    constraint _day_total_pkey primary key (day, transaction_type)
);

comment on table stocksync._day_total is
    'stock_daily summed over products and locations, of days that are over. A day that is not here is summed when it is read.';
