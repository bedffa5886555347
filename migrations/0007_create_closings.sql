-- Time: balances kept for good, closings that freeze a period, and archives of what lies before one.
-- depends: 0006_index_recorded_at

create table stocksync.snapshots (
    id bigint generated always as identity constraint snapshots_pkey primary key,
    at timestamptz not null,
    known_at timestamptz not null,
    taken_by text not null default session_user,
    note text not null default '',
    is_complete boolean not null default true
);

create index snapshots_at_idx on stocksync.snapshots (at);

comment on table stocksync.snapshots is
    'Stock as it was at a time, kept for good: of a closing, or taken by stocksync.take_snapshot().';
comment on column stocksync.snapshots.at is 'The balances hold every movement that occurred until then, inclusive.';
comment on column stocksync.snapshots.known_at is
    'They hold what had been recorded until then, inclusive, and nothing later; infinity: of a closing, to which nothing can be added, or of balances that came from outside.';
comment on column stocksync.snapshots.taken_by is 'The session user.';
comment on column stocksync.snapshots.note is 'Why, in the words of whoever took it.';

comment on column stocksync.snapshots.is_complete is
    'True if whatever has no balance here was zero; false for balances from a file, which says nothing of what is not in it.';

create table stocksync.snapshot_balances (
    snapshot_id bigint not null
        constraint snapshot_balances_snapshot_exists references stocksync.snapshots (id)
            on delete cascade,
    product_id bigint not null,
    location_id bigint,
    quantity numeric not null,
    constraint snapshot_balances_key unique nulls not distinct (snapshot_id, product_id, location_id)
);

comment on table stocksync.snapshot_balances is
    'The stock of each product at each location in a snapshot; none where it was zero, if the snapshot is complete.';
comment on column stocksync.snapshot_balances.quantity is 'In minus out, until then.';

create table stocksync.closings (
    id bigint generated always as identity constraint closings_pkey primary key,
    closed_through date not null,
    closed_before timestamptz not null,
    started_at timestamptz not null default clock_timestamp(),
    closed_by text not null default session_user,
    closed_at timestamptz,
    snapshot_id bigint
        constraint closings_snapshot_exists references stocksync.snapshots (id),
    reopened_at timestamptz,
    reopened_by text,
    constraint closings_closed_has_balances check ((closed_at is null) = (snapshot_id is null))
);

create index closings_snapshot_id_idx on stocksync.closings (snapshot_id);
create unique index closings_closed_before_idx
    on stocksync.closings (closed_before) where reopened_at is null;

comment on table stocksync.closings is
    'Every period that was closed: movements dated in it are final, and its balances are kept. Reopened ones stay on record.';
comment on column stocksync.closings.closed_through is 'The last day of the period, in the time zone the shop had then.';
comment on column stocksync.closings.closed_before is
    'The instant at which that day ended: movements that occurred before are final.';
comment on column stocksync.closings.started_at is 'When it began: from then on late movements were refused.';
comment on column stocksync.closings.closed_by is 'The session user.';
comment on column stocksync.closings.closed_at is
    'When the balances were stored; null while transactions that were under way are waited for.';
comment on column stocksync.closings.snapshot_id is 'The balances; null until then.';
comment on column stocksync.closings.reopened_at is 'When it was taken back; null while it holds.';
comment on column stocksync.closings.reopened_by is 'Who took it back.';

-- One row that is updated, not the newest closing: a snapshot older than the update is noticed by
-- what it left on the row, whatever the isolation level.
create table stocksync._closed (
    only_row boolean constraint _closed_pkey primary key default true
        constraint _closed_one_row check (only_row),
    before timestamptz not null default '-infinity',
    has_archived boolean not null default false
);

comment on table stocksync._closed is 'From when on the ledger is open, and whether movements are archived: read by every insert of movements.';
comment on column stocksync._closed.before is
    'Movements that occurred before are final; -infinity where nothing is closed.';

insert into stocksync._closed default values;

create unlogged table stocksync._passes (
    xid xid8 not null default pg_current_xact_id() constraint _passes_pkey primary key
)
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table stocksync._passes is
    'Transactions in which stocksync itself is changing closed movements so that no stock changes: the triggers let them pass. Always empty in committed data.';

create type stocksync._effect as (
    product_id bigint,
    at timestamptz,
    quantity numeric
);

comment on type stocksync._effect is
    'What a statement changed of the stock of a product from a moment on: signed quantity (in is positive).';

create unlogged table stocksync._back_dated (
    id bigint generated always as identity,
    xid xid8 not null default pg_current_xact_id(),
    effects stocksync._effect[] not null
)
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

create index _back_dated_xid_idx on stocksync._back_dated (xid);

comment on table stocksync._back_dated is
    'What a running transaction changed in the past of products that may not fall below zero, until it is checked at commit. Always empty in committed data.';
comment on column stocksync._back_dated.effects is 'What one statement changed.';

alter table stocksync.settings
    add column late_movements text not null default 'refuse'
        constraint settings_late_movements_known
            check (late_movements in ('refuse', 'first_open_day'));

comment on column stocksync.settings.late_movements is
    'What happens to a new movement that is dated in a closed period: "refuse" raises SS005; "first_open_day" books it at the beginning of the first day that is open, and stocksync.movement_history keeps the date that was given.';

alter table stocksync.movement_history
    -- one that allows more takes its place
    -- squawk-ignore ban-drop-constraint
    drop constraint movement_history_operation_known,
    add constraint movement_history_operation_known
        check (operation in ('update', 'delete', 'truncate', 'late'))
        -- what is there satisfied a narrower one
        not valid;

comment on column stocksync.movement_history.operation is
    '"update", "delete", "truncate", or "late": as it was given, before it was booked on the first open day.';

-- What was known at a time is found backwards from now: what was replaced since. The table is small.
-- squawk-ignore require-concurrent-index-creation
create index movement_history_replaced_at_idx on stocksync.movement_history (replaced_at);

-- Whether any product refuses negative stock is asked by every insert of back-dated movements.
-- Only settle and catalogue changes write products, and neither changes what this index sees.
-- squawk-ignore require-concurrent-index-creation
create index products_refuse_negative_idx on public.products (id) where not allow_negative;

create table stocksync.archives (
    id bigint generated always as identity constraint archives_pkey primary key,
    closing_id bigint not null
        constraint archives_closing_exists references stocksync.closings (id),
    archived_before timestamptz not null,
    time_zone text not null,
    file text not null,
    sha256 text not null
        constraint archives_sha256_is_hexadecimal check (sha256 ~ '^[0-9a-f]{64}$'),
    content_sha256 text not null,
    movements bigint not null,
    movement_ids int8multirange not null,
    last_recorded_at timestamptz not null,
    archived_at timestamptz not null default clock_timestamp(),
    archived_by text not null default session_user,
    restored_at timestamptz
);

create index archives_closing_id_idx on stocksync.archives (closing_id);

comment on table stocksync.archives is
    'Files into which movements of closed periods were moved.';
comment on column stocksync.archives.archived_before is 'The movements in it occurred before this instant.';
comment on column stocksync.archives.time_zone is 'Whose days archived_daily counts in.';
comment on column stocksync.archives.file is 'Name of the file, as it was written.';
comment on column stocksync.archives.sha256 is 'Of its lines, as they are before they are packed, in hexadecimal.';
comment on column stocksync.archives.content_sha256 is
    'Of the movements as the database read them back: what is put back must be the same.';
comment on column stocksync.archives.movements is 'How many movements are in it.';
comment on column stocksync.archives.movement_ids is 'Their numbers.';
comment on column stocksync.archives.last_recorded_at is
    'The last recorded_at or replacement among them: before it, what was known cannot be told without the file.';
comment on column stocksync.archives.archived_by is 'The session user.';
comment on column stocksync.archives.restored_at is 'When its movements were put back; null while they are away.';

create table stocksync.archived_daily (
    archive_id bigint not null
        constraint archived_daily_archive_exists references stocksync.archives (id),
    product_id bigint not null,
    location_id bigint,
    day date not null,
    transaction_type text not null,
    quantity numeric not null,
    movements bigint not null,
    constraint archived_daily_key
        unique nulls not distinct (product_id, day, transaction_type, location_id, archive_id)
);

create index archived_daily_archive_id_idx on stocksync.archived_daily (archive_id);

comment on table stocksync.archived_daily is
    'What the archived movements come to, in the shape of stock_daily: with stock_movements it is the ledger.';
comment on column stocksync.archived_daily.day is 'Day of occurred_at in the time zone the shop had when they were archived.';
comment on column stocksync.archived_daily.quantity is 'Signed: in is positive, out is negative.';
comment on column stocksync.archived_daily.movements is 'Number of movements.';

create table stocksync.archived_keys (
    idempotency_key text constraint archived_keys_pkey primary key,
    archive_id bigint not null
        constraint archived_keys_archive_exists references stocksync.archives (id),
    movement_id bigint not null,
    movement_type text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    given_at timestamptz not null,
    content_md5 text not null
);

create index archived_keys_archive_id_idx on stocksync.archived_keys (archive_id);

comment on table stocksync.archived_keys is
    'Idempotency keys of archived movements: an old retry is still not counted twice.';
comment on column stocksync.archived_keys.movement_id is 'Number of the movement.';
comment on column stocksync.archived_keys.movement_type is 'Its direction.';
comment on column stocksync.archived_keys.given_at is
    'occurred_at as it was given; another one where a late movement was booked on the first open day.';
comment on column stocksync.archived_keys.content_md5 is
    'What a retry must say again: stocksync._content_md5() of the movement.';


alter table stocksync.runs add column movement_ids int8multirange not null default '{}';

comment on column stocksync.runs.movement_ids is
    'Numbers of the movements that it booked: an import, a restore, counts, what undid another run.';
