-- What a customer-facing API, or a file of it, showed when it was read: a source of an audit.
-- depends: 0014_create_findings

create table stocksync.api_readings (
    id bigint generated always as identity constraint api_readings_pkey primary key,
    source text not null,
    match_by text not null
        constraint api_readings_match_by_known check (match_by in ('id', 'sku')),
    grace interval not null
        constraint api_readings_grace_bounded check (grace between '0' and '1 day'),
    shown_at timestamptz
        constraint api_readings_shown_at_finite check (isfinite(shown_at)),
    actor text not null default session_user,
    started_at timestamptz not null default clock_timestamp(),
    staged_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    reread_at timestamptz,
    reread_finished_at timestamptz
);

comment on table stocksync.api_readings is
    'Each time a customer-facing API was read. Kept for a week, or less if settings.keep_log is less: what differed is in stocksync.findings.';
comment on column stocksync.api_readings.source is 'Where from: a URL without its parameters, or a file.';
comment on column stocksync.api_readings.match_by is
    'What the API calls a product: "id" or "sku", of products.';
comment on column stocksync.api_readings.grace is
    'How long the API may take to show a movement, and a movement to come after what the API shows.';
comment on column stocksync.api_readings.shown_at is
    'The moment that a file is of; null: what was read was of the moment of reading.';
comment on column stocksync.api_readings.actor is 'The session user.';
comment on column stocksync.api_readings.staged_at is 'When a part of it last came in.';
comment on column stocksync.api_readings.finished_at is
    'When all of it was there; null while it is being read, and for ever where that failed.';
comment on column stocksync.api_readings.reread_at is
    'When what differed was begun to be read again; null if it was not.';
comment on column stocksync.api_readings.reread_finished_at is 'When that was there.';

-- A reading is written once and compared once: what cannot be summed as it comes is kept by product.
create table stocksync.api_items (
    reading_id bigint not null
        constraint api_items_reading_exists references stocksync.api_readings (id) on delete cascade,
    pass bigint not null constraint api_items_pass_known check (pass in (1, 2)),
    api_id text not null,
    product_id bigint,
    times bigint not null,
    quantity numeric,
    reserved numeric,
    status text,
    problem text,
    read_from timestamptz not null,
    read_at timestamptz not null,
    stock numeric,
    staged_at timestamptz not null,
    constraint api_items_pkey primary key (reading_id, pass, api_id)
);

comment on table stocksync.api_items is
    'What an API showed of each product, and that it did not show one that is in stock.';
comment on column stocksync.api_items.pass is
    '1; 2 for what differed and was read again: what it was first is then row 1.';
comment on column stocksync.api_items.api_id is
    'What the API calls it; of one that is not shown, what it should. Empty for what it does not name.';
comment on column stocksync.api_items.product_id is 'The product of this name; null if there is none.';
comment on column stocksync.api_items.times is 'How often it was shown: 0 for not at all.';
comment on column stocksync.api_items.quantity is
    'What the API showed, the first time; null if it was no number, or none.';
comment on column stocksync.api_items.reserved is
    'What the API says is promised to customers, and not in its quantity; null if it does not say.';
comment on column stocksync.api_items.status is 'In the words of the API; null if it does not say.';
comment on column stocksync.api_items.problem is 'Why it cannot be compared; null if it can.';
comment on column stocksync.api_items.read_from is
    'When the API was asked, by the clock of this server: not before.';
comment on column stocksync.api_items.read_at is 'When it had answered: not after.';
comment on column stocksync.api_items.stock is
    'What was on hand when the answer came in, with what waited for the product to be free.';
comment on column stocksync.api_items.staged_at is 'When the answer came in.';
