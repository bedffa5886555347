-- The hourly refresh: totals for the reports, what waits for busy products, what a run found and cost.
-- depends: 0002_create_ledger

alter table public.transaction_types
    add column counts_as text
        constraint transaction_types_counts_as_known check (counts_as in ('sale', 'count'));

comment on column public.transaction_types.counts_as is
    'What reports take it for: "sale" (sold, or brought back by a customer), "count" (the result of a physical count); null for neither.';

update public.transaction_types
set counts_as = case
    when name in ('sale', 'sale_return') then 'sale'
    when name in ('stock_count_correction', 'stock_count_correction_minus') then 'count'
end;

-- What the reports ask of all history is kept here, so that they never read all of stock_daily.
alter table stocksync.stock_total
    add column quantity_in numeric not null default 0,
    add column first_on date,
    add column last_on date,
    add column last_count_on date;

comment on column stocksync.stock_total.quantity_in is
    'Sum of the types that bring stock in, less what was taken back; quantity_in - quantity went out.';
comment on column stocksync.stock_total.first_on is 'Day of the first movement; null where there is none.';
comment on column stocksync.stock_total.last_on is 'Day of the last movement; null where there is none.';
comment on column stocksync.stock_total.last_count_on is
    'Day of the last movement of a type that counts as "count"; null where there is none.';

update stocksync.stock_total as t
set quantity_in = d.quantity_in,
    first_on = d.first_on,
    last_on = d.last_on,
    last_count_on = d.last_count_on
from (
    select
        y.product_id,
        y.location_id,
        coalesce(sum(y.quantity) filter (where x.movement_type = 'in'), 0) as quantity_in,
        min(y.day) filter (where y.movements > 0) as first_on,
        max(y.day) filter (where y.movements > 0) as last_on,
        max(y.day) filter (where y.movements > 0 and x.counts_as = 'count') as last_count_on
    from stocksync.stock_daily as y
    left join public.transaction_types as x on x.name = y.transaction_type
    group by 1, 2
) as d
where d.product_id = t.product_id and d.location_id is not distinct from t.location_id;

-- The reports read a window of days. Only the roll-up writes this table, and it can wait.
-- squawk-ignore require-concurrent-index-creation
create index stock_daily_day_idx on stocksync.stock_daily (day);

-- Most shops have one place: what lies elsewhere is found without reading the rest.
-- squawk-ignore require-concurrent-index-creation
create index stock_total_location_id_idx
    on stocksync.stock_total (location_id) where location_id is not null;

create table stocksync._pending (
    product_id bigint not null,
    quantity numeric not null,
    queued_at timestamptz not null default clock_timestamp()
)
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

create index _pending_product_id_idx on stocksync._pending (product_id);

comment on table stocksync._pending is
    'Changes of stock that wait for a busy product: quantity_on_hand plus these is the ledger. Folded into the product by stocksync.fold().';
comment on column stocksync._pending.quantity is 'To be added to quantity_on_hand and total_stock.';

create table stocksync._roll_up_version (
    only_row boolean constraint _roll_up_version_pkey primary key default true
        constraint _roll_up_version_one_row check (only_row),
    version bigint not null default 0,
    past_version bigint not null default 0
);

comment on table stocksync._roll_up_version is
    'Counts the changes of the roll-up: a materialized view of the same version has nothing to read anew.';

comment on column stocksync._roll_up_version.past_version is
    'Counts those that changed a day before the day of the change.';

insert into stocksync._roll_up_version default values;

create table stocksync.view_refreshes (
    view_name text constraint view_refreshes_pkey primary key,
    refreshed_at timestamptz not null default clock_timestamp(),
    seconds numeric not null,
    input text not null
);

comment on table stocksync.view_refreshes is
    'When each materialized view was last refreshed. A view whose input has not changed since is left alone.';
comment on column stocksync.view_refreshes.view_name is 'The materialized view, without its schema.';
comment on column stocksync.view_refreshes.seconds is 'What it took.';
comment on column stocksync.view_refreshes.input is
    'Fingerprint of what the view was made of: version of the roll-up, day, settings, products, types.';

alter table stocksync.settings
    add column report_days bigint not null default 90
        constraint settings_report_days_positive check (report_days between 1 and 3660),
    add column keep_log interval not null default '90 days'
        constraint settings_keep_log_positive check (keep_log > '0'),
    add column refresh_late_after interval not null default '2 hours'
        constraint settings_refresh_late_after_positive check (refresh_late_after > '0'),
    add column pending_late_after interval not null default '1 minute'
        constraint settings_pending_late_after_positive check (pending_late_after > '0');

comment on column stocksync.settings.report_days is
    'How many days the reports look back. Their cost follows it, not the history.';
comment on column stocksync.settings.keep_log is
    'How long the log and the runs that corrected nothing are kept. Incidents and their runs are kept for ever.';
comment on column stocksync.settings.refresh_late_after is
    'A refresh that has not been completed for so long is late: doctor says so, and alerts.';
comment on column stocksync.settings.pending_late_after is
    'A change of stock that has waited for so long for a busy product is late.';

alter table stocksync.runs
    add column pid bigint,
    add column seen_at timestamptz,
    add column products_found bigint not null default 0,
    add column cost jsonb not null default '[]';

comment on column stocksync.runs.command is 'What was run: "sync", "refresh" or "audit".';
comment on column stocksync.runs.pid is 'The server process that runs it, or ran it.';
comment on column stocksync.runs.seen_at is 'When it last committed a step.';
comment on column stocksync.runs.products_found is 'Products that it found wrong.';
comment on column stocksync.runs.cost is
    'What each step took, in seconds, and what it dealt with: journal rows, views refreshed, log entries removed. An array in the order of the steps.';

-- squawk-ignore require-concurrent-index-creation
create index runs_command_started_at_idx on stocksync.runs (command, started_at);

create table stocksync.findings (
    run_id bigint not null
        constraint findings_run_exists references stocksync.runs (id) on delete cascade,
    product_id bigint not null,
    quantity_on_hand numeric not null,
    total_stock numeric not null,
    rolled_up numeric not null,
    ledger numeric not null,
    movements bigint not null,
    differs text[] not null,
    constraint findings_pkey primary key (run_id, product_id)
);

comment on table stocksync.findings is
    'What an audit found wrong: the columns of stocksync.discrepancies(), of the moment of the audit.';
comment on column stocksync.findings.rolled_up is 'What stock_total and the journal said.';
comment on column stocksync.findings.ledger is 'What the movements said.';
comment on column stocksync.findings.movements is 'Number of movements.';
comment on column stocksync.findings.differs is
    'What was wrong: quantity_on_hand, total_stock, roll_up.';

-- Its arguments change: more to filter by. The new one is deployed right after the migrations.
-- squawk-ignore ban-drop-function
drop function if exists stocksync.read_log(text, bigint) cascade;
