-- Products that many write at once: no key that locks one for each movement, no wait to add to one.
-- depends: 0015_create_api_readings

-- Whoever is writing ends first: below, a writer would hold one of these tables and want the other.
lock table public.stock_movements in access exclusive mode;

alter table stocksync.settings
    add column contention text not null default 'wait'
        -- squawk-ignore constraint-missing-not-valid
        constraint settings_contention_known check (contention in ('wait', 'never_wait'));

comment on column stocksync.settings.contention is
    'How movements settle where the product does not say: "wait" for whoever holds the product, so that quantity_on_hand is exact at every commit; or "never_wait": what cannot be added at once is left in _pending, and stock_on_hand is exact. Set by stocksync.use_mode().';

-- No check, as for the others: it would be prepared again for every movement that settles.
alter table public.products add column contention text;

comment on column public.products.contention is
    'How its movements settle: "wait", "never_wait" or "escrow" (stock that may not fall below zero, sold from slots); null: as stocksync.settings says. What refuses negative stock settles in "wait" instead of "never_wait", what allows it in "never_wait" instead of "escrow", and what tracks batches always in "wait".';

-- It locks the row of the product in every insert: of a product that many sell, by thirty lockers at
-- a time. Capture and settle look instead, and whoever deletes a product.
-- squawk-ignore ban-drop-constraint
alter table public.stock_movements drop constraint stock_movements_product_exists;

alter table stocksync._pending add column reserve numeric;

comment on table stocksync._pending is
    'What is still to be added to a product: quantity_on_hand plus these is the ledger. Changes that did not wait for it, and the slots of a product in escrow. Taking a row out adds it.';
comment on column stocksync._pending.reserve is
    'Of a slot: how much of quantity_on_hand may be taken from it; with quantity, never below zero. Null for a change that waits.';

alter table stocksync._journal add column may_pend boolean not null default false;
alter table stocksync._unsettled add column may_pend boolean not null default false;

comment on column stocksync._journal.may_pend is
    'Whether, when this was captured, any of its products settled otherwise than in "wait".';
comment on column stocksync._unsettled.may_pend is 'As in the journal.';

-- Nothing is lost with it in a crash: whoever finds the product busy again says so again.
create unlogged table stocksync._hot (
    product_id bigint constraint _hot_pkey primary key,
    fold_at timestamptz not null
)
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100);

comment on table stocksync._hot is
    'Products that somebody found busy: they are left alone, so that a long report does not slow them down, until what waits is folded.';
comment on column stocksync._hot.fold_at is 'When what waits may be added to the product.';

create table stocksync._groups (
    -- squawk-ignore prefer-bigint-over-int
    id integer constraint _groups_pkey primary key
        constraint _groups_id_bounded check (id between 0 and 63),
    ended_at timestamptz
);

comment on table stocksync._groups is
    'Products by the last six bits of their numbers. Whoever leaves a change in _pending shares the lock of the group; who must have all changes of a product settled holds it alone, and changes the row, so that an older snapshot is told.';
comment on column stocksync._groups.ended_at is 'When somebody last had all of it settled.';

insert into stocksync._groups (id) select generate_series(0, 63);
