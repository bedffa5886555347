-- Batches: what came in together, at one cost and with one expiry date, and what was taken from it.
-- depends: 0011_index_future_movements

alter table public.products
    add column tracks_batches boolean not null default false,
    add column batch_strategy text not null default 'fefo';

comment on column public.products.tracks_batches is
    'True: every unit in stock belongs to a batch. Switched on, what is there becomes an opening batch at each place (stocksync.opening_batches() says which); switched off, the batches are retired.';
comment on column public.products.batch_strategy is
    'From which batch is taken first where the movement names none: "fefo" (the one that expires first), "fifo" (received first) or "lifo" (received last).';

-- Only settle and catalogue changes write products, and neither changes what this index sees.
-- squawk-ignore require-concurrent-index-creation
create index products_track_batches_idx on public.products (id) where tracks_batches;

alter table public.transaction_types
    add column takes_unfit text not null default 'never'
        constraint transaction_types_takes_unfit_known
            check (takes_unfit in ('never', 'last', 'first')),
    -- A handful of rows, and the new check allows what the old one did.
    -- squawk-ignore ban-drop-constraint
    drop constraint transaction_types_counts_as_known,
    -- squawk-ignore constraint-missing-not-valid
    add constraint transaction_types_counts_as_known
        check (counts_as in ('sale', 'count', 'transfer')),
    add column brings_back text
        -- squawk-ignore adding-foreign-key-constraint
        constraint transaction_types_brings_back_exists references public.transaction_types (name)
            on update cascade on delete set null;

-- squawk-ignore require-concurrent-index-creation
create index transaction_types_brings_back_idx
    on public.transaction_types (brings_back) where brings_back is not null;

comment on column public.transaction_types.takes_unfit is
    'Of a type that is "out": does it take from batches that are expired or quarantined? "never" for what sells or uses; "last", when nothing else is left, for what moves, counts, loses or sends back; "first" for what writes them off.';
comment on column public.transaction_types.brings_back is
    'Of a type that is "in": the type that took away what this one brings back. Such a movement goes back to the batches from which the one of the same reference took, or else to those taken from last.';

comment on column public.transaction_types.counts_as is
    'What reports take it for: "sale" (sold, or brought back by a customer), "count" (the result of a physical count), "transfer" (to or from another place of the shop: neither cost nor income); null for none of them.';

-- No type begins or ceases to be a count here: to look for the last ones anew would be to read all
-- of the roll-up while nobody can read products. Deploying makes it again.
drop trigger if exists _500_counts_as on public.transaction_types;
update public.transaction_types
set takes_unfit = case
        when name in ('expired', 'quality_control') then 'first'
        when name in (
            'purchase_return', 'damage', 'lost_missing', 'theft', 'transfer_out',
            'stock_count_correction_minus'
        ) then 'last'
        else 'never'
    end,
    brings_back = case name
        when 'sale_return' then 'sale'
        when 'transfer_in' then 'transfer_out'
        when 'recovery_found' then 'lost_missing'
    end,
    counts_as = case
        when name in ('transfer_in', 'transfer_out') then coalesce(counts_as, 'transfer')
        else counts_as
    end
where name in (
    'purchase_return', 'damage', 'lost_missing', 'theft', 'expired', 'transfer_out',
    'stock_count_correction_minus', 'quality_control', 'sale_return', 'transfer_in', 'recovery_found'
);

-- No checks and no reference here: they would be asked for every movement of every product. What is
-- given for a product that tracks batches is checked where its batch is found or made.
alter table public.stock_movements
    add column batch_id bigint,
    add column batch_number text,
    add column expiry_date date;

comment on column public.stock_movements.batch_id is
    'The batch that it is of, by number in stock_batches; null: as batch_number says, or by the strategy of the product. Means nothing for a product that does not track batches.';
comment on column public.stock_movements.batch_number is
    'The batch that it is of, by what is printed on it; one that comes in and is not there yet is made.';
comment on column public.stock_movements.expiry_date is
    'Of a batch that comes in: the last day on which it may be sold; null: never expires, or as the batch of this number says.';

alter table stocksync.movement_history
    add column batch_id bigint,
    add column batch_number text,
    add column expiry_date date;

create sequence public.stock_batches_id_seq;

create table public.stock_batches (
    id bigint default nextval('public.stock_batches_id_seq') constraint stock_batches_pkey primary key,
    -- No references, as everywhere but in the ledger: products and movements can be truncated together.
    product_id bigint not null,
    location_id bigint,
    batch_number text not null
        constraint stock_batches_number_not_empty check (btrim(batch_number) <> '')
        constraint stock_batches_number_bounded check (octet_length(batch_number) <= 2000),
    quantity_received numeric not null default 0,
    quantity_remaining numeric not null default 0
        constraint stock_batches_remaining_not_negative check (quantity_remaining >= 0),
    -- What the index below looks at. It changes once in a batch's life, so that all other updates of
    -- a batch stay on its page (HOT).
    is_open boolean not null generated always as (quantity_remaining > 0) stored,
    -- NaN is above every number, so that the upper bound refuses it.
    cost_price numeric
        constraint stock_batches_cost_price_finite check (cost_price >= 0 and cost_price < 1e15),
    expiry_date date
        constraint stock_batches_expiry_date_bounded
            check (expiry_date >= date '0001-01-02' and expiry_date < date '9999-12-31'),
    received_at timestamptz not null,
    status text not null default 'active'
        constraint stock_batches_status_known check (status in ('active', 'quarantined', 'retired')),
    origin_id bigint
)
with (fillfactor = 70);

alter sequence public.stock_batches_id_seq owned by public.stock_batches.id;

-- One row for goods that are alike: the same number delivered at another cost is kept apart, so that
-- neither cost is lost. Retired ones do not stand in the way of new ones.
create unique index stock_batches_alike_idx
    on public.stock_batches (product_id, batch_number, location_id, expiry_date, cost_price)
    nulls not distinct
    where status <> 'retired';
-- What a sale looks through: however many batches are exhausted, they are not here.
create index stock_batches_open_idx
    on public.stock_batches (product_id) where is_open and status <> 'retired';

comment on table public.stock_batches is
    'What came in together: of one product, at one place, at one cost, with one expiry date. Kept by stocksync; what is in stock of a product that tracks batches is the sum of what remains of them.';
comment on column public.stock_batches.id is 'Number of the batch.';
comment on column public.stock_batches.product_id is 'What it is of.';
comment on column public.stock_batches.location_id is 'Where it lies; null is the one unnamed place.';
comment on column public.stock_batches.batch_number is
    'What is printed on it; "#" and the number of the movement for one that came in without.';
comment on column public.stock_batches.quantity_received is
    'Units that came in: the sum of batch_receipts. Derived.';
comment on column public.stock_batches.quantity_remaining is
    'Units that are left: received minus the sum of batch_consumptions, never below zero. Derived.';
comment on column public.stock_batches.is_open is 'Whether anything is left of it.';
comment on column public.stock_batches.cost_price is 'Cost of one unit; null if unknown.';
comment on column public.stock_batches.expiry_date is
    'The last day on which it may be sold, in the time zone of the shop; null: it does not expire.';
comment on column public.stock_batches.received_at is
    'When it came in first; one that was transferred keeps the time of its origin.';
comment on column public.stock_batches.status is
    '"active"; "quarantined": not to be sold or used; "retired": of a time when the product tracked batches, and no part of the stock any more.';
comment on column public.stock_batches.origin_id is
    'The batch that was transferred, or returned to another place, of which this is a part; null for one that came in here.';

-- When it was and what for are kept with it, as movements can be archived.
create table public.batch_receipts (
    movement_id bigint,
    batch_id bigint not null,
    quantity numeric not null,
    of_movement_id bigint,
    occurred_at timestamptz not null,
    transaction_type text
);

create index batch_receipts_movement_id_idx on public.batch_receipts (movement_id);
create index batch_receipts_batch_id_idx on public.batch_receipts (batch_id);
create index batch_receipts_of_movement_id_idx
    on public.batch_receipts (of_movement_id) where of_movement_id is not null;

comment on table public.batch_receipts is 'What each movement brought into each batch.';
comment on column public.batch_receipts.movement_id is
    'Number of the movement; null for what was there before the product tracked batches.';
comment on column public.batch_receipts.batch_id is 'Number of the batch.';
comment on column public.batch_receipts.quantity is
    'Units; below zero where a reversal takes back what came in.';
comment on column public.batch_receipts.of_movement_id is
    'The movement that took away what came in here, or that is reversed; null for neither.';
comment on column public.batch_receipts.occurred_at is 'When the movement occurred.';
comment on column public.batch_receipts.transaction_type is
    'Why; null for what was there before the product tracked batches.';

create table public.batch_consumptions (
    movement_id bigint not null,
    batch_id bigint not null,
    quantity numeric not null,
    of_movement_id bigint,
    occurred_at timestamptz not null,
    transaction_type text not null,
    reference text
);

create index batch_consumptions_movement_id_idx on public.batch_consumptions (movement_id);
create index batch_consumptions_batch_id_idx on public.batch_consumptions (batch_id);
create index batch_consumptions_of_movement_id_idx
    on public.batch_consumptions (of_movement_id) where of_movement_id is not null;
-- References are as long as one likes, what an index holds is not.
create index batch_consumptions_reference_idx
    on public.batch_consumptions (left(reference, 200))
    where reference is not null and of_movement_id is null;

comment on table public.batch_consumptions is
    'What each movement took out of each batch, and what returns and reversals gave back to it.';
comment on column public.batch_consumptions.movement_id is 'Number of the movement.';
comment on column public.batch_consumptions.batch_id is 'Number of the batch.';
comment on column public.batch_consumptions.quantity is 'Units taken; below zero where they were given back.';
comment on column public.batch_consumptions.of_movement_id is
    'The movement that had taken what this one gives back; null where something is taken.';
comment on column public.batch_consumptions.occurred_at is 'When the movement occurred.';
comment on column public.batch_consumptions.transaction_type is 'Why.';
comment on column public.batch_consumptions.reference is 'The document behind it; null for none.';

alter table stocksync.settings
    add column expired_batches text not null default 'never'
        constraint settings_expired_batches_known check (expired_batches in ('never', 'last'));

comment on column stocksync.settings.expired_batches is
    'May what is sold or used be taken from expired batches? "never": no; "last": when nothing else is left. Quarantined ones never are.';

alter table stocksync._journal
    add column booked_ids bigint[],
    add column unbooked_ids bigint[];

comment on column stocksync._journal.booked_ids is
    'Movements of products that track batches, for settle to find their batches; null for none.';
comment on column stocksync._journal.unbooked_ids is
    'Movements that were changed or deleted: what their batches gave and took is taken back first. One of which only the quantity changed is here alone.';

alter table stocksync._unsettled
    add column booked_ids bigint[],
    add column unbooked_ids bigint[];

comment on column stocksync._unsettled.booked_ids is 'As in the journal.';
comment on column stocksync._unsettled.unbooked_ids is 'As in the journal.';

-- A count of one batch. It is of what remains of the batch, and late movements are not held against it.
alter table stocksync.counts add column batch_id bigint;

comment on column stocksync.counts.batch_id is
    'The batch that was counted; null where all of the product at the place was. Its balance is null: movements that come late go to batches that have something left then.';

create type stocksync._portion as (place bigint, id bigint, quantity numeric);

comment on type stocksync._portion is
    'So much that is wanted by id, or that id has, at a place: what stocksync._share_out() matches.';

create type stocksync._want as (
    movement_id bigint,
    quantity numeric,
    product_id bigint,
    location_id bigint,
    batch_id bigint,
    batch_number text,
    takes_unfit text,
    day date,
    occurred_at timestamptz,
    transaction_type text,
    reference text
);

comment on type stocksync._want is
    'So much of a movement that is still to find its batch, with what it is found by.';

create type stocksync._batch_change as (batch_id bigint, received numeric, remaining numeric);

comment on type stocksync._batch_change is
    'By how much the received and the remaining quantity of a batch change.';

create type stocksync._receipt as (
    movement_id bigint,
    product_id bigint,
    location_id bigint,
    batch_number text,
    expiry_date date,
    cost_price numeric,
    quantity numeric,
    of_movement_id bigint,
    origin_id bigint,
    received_at timestamptz,
    occurred_at timestamptz
);

comment on type stocksync._receipt is 'Units that come into a batch, to be found by what it is or made.';
