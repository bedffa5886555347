-- Counts: what was counted, where and when, and what the ledger has said of that moment since.
-- depends: 0008_index_occurred_at

create table stocksync.counts (
    id bigint generated always as identity constraint counts_pkey primary key,
    -- No references, as everywhere but in the ledger: products and movements can be truncated together.
    product_id bigint not null,
    location_id bigint,
    counted_at timestamptz not null
        constraint counts_counted_at_bounded check (
            counted_at at time zone 'UTC' >= timestamp '0001-01-02'
            and counted_at at time zone 'UTC' < timestamp '9999-12-31'
        ),
    -- As for movements: NaN is above every number, so that the upper bound refuses it.
    quantity numeric not null
        constraint counts_quantity_not_negative check (quantity >= 0)
        constraint counts_quantity_bounded check (quantity < 1e15)
        constraint counts_quantity_scale check (min_scale(quantity) <= 6),
    expected numeric not null,
    balance numeric,
    recorded_at timestamptz not null default clock_timestamp(),
    recorded_by text not null default session_user,
    run_id bigint
        constraint counts_run_exists references stocksync.runs (id) on delete set null,
    user_id text,
    notes text
);

-- Every settled product is asked for with a time: this index answers without reading a row.
create index counts_product_id_counted_at_idx on stocksync.counts (product_id, counted_at);
create index counts_run_id_idx on stocksync.counts (run_id) where run_id is not null;

comment on table stocksync.counts is
    'Physical counts: one row for each product counted at a place. Written by stocksync.record_count() and stocksync.import_counts().';
comment on column stocksync.counts.counted_at is
    'The moment of which the count is: movements that occurred until then, inclusive, are before it.';
comment on column stocksync.counts.quantity is
    'How many units were counted: zero or more, below 1e15, with at most 6 decimals.';
comment on column stocksync.counts.expected is
    'What the ledger said of that moment when the count was recorded: the difference was booked.';
comment on column stocksync.counts.balance is
    'What the ledger says of that moment, corrections included: the counted quantity, unless late movements have moved it (settings.late_movements_before_count). Null for a count that stands no longer: another one of the same moment has replaced it, or the product is gone, or the ledger was truncated.';
comment on column stocksync.counts.recorded_by is 'The session user.';
comment on column stocksync.counts.run_id is 'The import that brought it; null for none.';
comment on column stocksync.counts.user_id is 'Who counted; null if nobody says.';

create table stocksync.count_corrections (
    -- no reference: an archive moves movements away
    movement_id bigint constraint count_corrections_pkey primary key,
    count_id bigint not null
        constraint count_corrections_count_exists references stocksync.counts (id)
);

-- With the movement, so that the first one is found whatever the planner knows of the table.
create index count_corrections_count_id_movement_id_idx
    on stocksync.count_corrections (count_id, movement_id);

comment on table stocksync.count_corrections is
    'The movements booked for each count: its difference, and what re-derived it when movements before it came late. None for a count that was equal to the stock.';
comment on column stocksync.count_corrections.movement_id is 'Number of the movement.';

-- Settle looks for counts that a transaction has written before, by the time itself: by the day,
-- every movement of a day on which its product was counted would be suspect.
alter table stocksync._journal
    add column first_at timestamptz not null default '-infinity';
alter table stocksync._unsettled
    add column first_at timestamptz not null default '-infinity';

comment on column stocksync._journal.first_at is
    'The earliest moment of which something changed; -infinity if that was not looked at.';
comment on column stocksync._unsettled.first_at is
    'The earliest moment of which something changed; -infinity if that was not looked at.';

alter table stocksync.settings
    add column late_movements_before_count text not null default 'keep_count'
        constraint settings_late_movements_before_count_known
            check (late_movements_before_count in ('keep_count', 'keep_difference'));

comment on column stocksync.settings.late_movements_before_count is
    'What stands when a movement dated before a count is entered, changed or deleted after it: "keep_count" keeps what was counted, and books the opposite at the moment of the count; "keep_difference" keeps what was booked for the count, so that the stock of that moment and since follows the movement. Either way the log warns.';
