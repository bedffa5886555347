-- The ledger: what applications write, and the machinery that keeps the stock equal to it.
-- depends: 0001_create_stocksync

create sequence public.products_id_seq;

create table public.products (
    id bigint default nextval('public.products_id_seq') constraint products_pkey primary key,
    sku text not null,
    name text not null,
    quantity_on_hand numeric not null default 0,
    total_stock numeric not null default 0,
    status text not null default 'active',
    is_deleted boolean not null default false,
    allow_negative boolean,
    reorder_point numeric,
    unit_cost numeric,
    -- No checks here: each would be prepared again for every movement that settles. What a check
    -- would say of the stock, the guard trigger says where somebody writes it by hand.
    constraint products_sku_key unique (sku)
)
-- Room on each page keeps the updates of a busy product on it (HOT): no index sees them.
with (fillfactor = 70);

alter sequence public.products_id_seq owned by public.products.id;

comment on table public.products is
    'What is stocked. quantity_on_hand and total_stock are derived from stock_movements and kept by stocksync; everything else belongs to the application.';
comment on column public.products.id is 'Number of the product.';
comment on column public.products.sku is 'The shop''s own code of the product: unique, case-sensitive.';
comment on column public.products.name is 'What people call the product.';
comment on column public.products.quantity_on_hand is
    'Units in stock: sum of in-movements minus sum of out-movements, exact at every commit. Below zero only where negative stock is allowed. Derived: the ledger overrides manual updates.';
comment on column public.products.total_stock is
    'The same quantity, for applications that read this name. Derived like quantity_on_hand.';
comment on column public.products.status is 'The application''s word for the product''s state; "active" by default.';
comment on column public.products.is_deleted is 'True when the application has deleted the product softly; its ledger stays.';
comment on column public.products.allow_negative is
    'May the stock fall below zero? Null: as stocksync.settings says.';
comment on column public.products.reorder_point is 'Stock at or below which the product should be ordered; null for none.';
comment on column public.products.unit_cost is 'Cost of one unit in the shop''s currency; null if unknown.';

create sequence public.locations_id_seq;

create table public.locations (
    id bigint default nextval('public.locations_id_seq') constraint locations_pkey primary key,
    name text not null constraint locations_name_not_empty check (name <> ''),
    constraint locations_name_key unique (name)
);

alter sequence public.locations_id_seq owned by public.locations.id;

comment on table public.locations is
    'Places where stock lies. A movement without location belongs to the one unnamed place.';
comment on column public.locations.id is 'Number of the location.';
comment on column public.locations.name is 'What people call the place; unique.';

create table public.transaction_types (
    name text constraint transaction_types_pkey primary key
        constraint transaction_types_name_not_empty check (name <> ''),
    movement_type text not null
        constraint transaction_types_direction check (movement_type in ('in', 'out')),
    description text not null default ''
);

comment on table public.transaction_types is
    'Why stock moves, and in which direction. Add your own; the direction of a type that has movements cannot change.';
comment on column public.transaction_types.name is 'What stock_movements.transaction_type says.';
comment on column public.transaction_types.movement_type is '"in" adds to the stock, "out" takes from it.';
comment on column public.transaction_types.description is 'In the shop''s words.';

insert into public.transaction_types (name, movement_type, description) values
    ('purchase', 'in', 'Purchase orders from suppliers'),
    ('sale_return', 'in', 'Customer returns'),
    ('opening_stock', 'in', 'Initial inventory'),
    ('transfer_in', 'in', 'Stock from another location'),
    ('stock_count_correction', 'in', 'Physical count found more'),
    ('recovery_found', 'in', 'Missing items found again'),
    ('manufacturing_in', 'in', 'Finished production items'),
    ('sale', 'out', 'Sales to customers'),
    ('purchase_return', 'out', 'Returns to suppliers'),
    ('damage', 'out', 'Damaged items removed'),
    ('lost_missing', 'out', 'Missing or lost items'),
    ('theft', 'out', 'Stolen items'),
    ('expired', 'out', 'Expired items removed'),
    ('transfer_out', 'out', 'Stock to another location'),
    ('stock_count_correction_minus', 'out', 'Physical count found less'),
    ('quality_control', 'out', 'Failed in quality control'),
    ('manufacturing_out', 'out', 'Raw material consumed'),
    ('promotional', 'out', 'Samples and promotions');

create sequence public.stock_movements_id_seq;

create table public.stock_movements (
    id bigint default nextval('public.stock_movements_id_seq')
        constraint stock_movements_pkey primary key,
    product_id bigint not null
        constraint stock_movements_product_exists references public.products (id),
    location_id bigint
        constraint stock_movements_location_exists references public.locations (id),
    -- The types are checked once a statement by the capture trigger: a foreign key would lock the
    -- same few rows in every insert of every session.
    movement_type text not null
        constraint stock_movements_direction check (movement_type in ('in', 'out')),
    transaction_type text not null,
    -- 'NaN' > 0 is true in PostgreSQL, and NaN is above every number: the upper bound refuses both
    -- NaN and Infinity.
    quantity numeric not null
        constraint stock_movements_quantity_positive check (quantity > 0)
        constraint stock_movements_quantity_bounded check (quantity < 1e15)
        constraint stock_movements_quantity_scale check (min_scale(quantity) <= 6),
    occurred_at timestamptz not null default now()
        -- what clients and every time zone can hold; neither infinity
        constraint stock_movements_occurred_at_bounded check (
            occurred_at at time zone 'UTC' >= timestamp '0001-01-02'
            and occurred_at at time zone 'UTC' < timestamp '9999-12-31'
        ),
    recorded_at timestamptz not null default clock_timestamp(),
    unit_cost numeric
        constraint stock_movements_unit_cost_finite check (unit_cost >= 0 and unit_cost < 1e15),
    reference text,
    idempotency_key text,
    reverses_id bigint
        constraint stock_movements_reversed_exists references public.stock_movements (id),
    user_id text,
    notes text,
    metadata jsonb
);

alter sequence public.stock_movements_id_seq owned by public.stock_movements.id;

create index stock_movements_product_id_occurred_at_idx
    on public.stock_movements (product_id, occurred_at);
create index stock_movements_location_id_idx
    on public.stock_movements (location_id) where location_id is not null;
create unique index stock_movements_idempotency_key_idx
    on public.stock_movements (idempotency_key) where idempotency_key is not null;
create unique index stock_movements_reverses_id_idx
    on public.stock_movements (reverses_id) where reverses_id is not null;

comment on table public.stock_movements is
    'The ledger: one row for each time stock comes in or goes out. Applications insert; nothing else is asked of them.';
comment on column public.stock_movements.id is 'Number of the movement, in no promised order.';
comment on column public.stock_movements.product_id is 'What moved.';
comment on column public.stock_movements.location_id is 'Where; null is the one unnamed place.';
comment on column public.stock_movements.movement_type is
    '"in" or "out"; filled from the transaction type when null, refused when it contradicts it. A reversal has the opposite direction.';
comment on column public.stock_movements.transaction_type is 'Why: a name of transaction_types.';
comment on column public.stock_movements.quantity is
    'How many units, above zero, below 1e15, with at most 6 decimals.';
comment on column public.stock_movements.occurred_at is 'When it happened; may be back-dated.';
comment on column public.stock_movements.recorded_at is 'When the database was told; not writable by applications.';
comment on column public.stock_movements.unit_cost is 'Cost of one unit; null if unknown.';
comment on column public.stock_movements.reference is 'The document behind it: an invoice, an order; null for none.';
comment on column public.stock_movements.idempotency_key is
    'Unique where given: a retried insert with the same key is not counted twice.';
comment on column public.stock_movements.reverses_id is
    'The movement that this one takes back: same product, location, type and quantity, opposite direction, at most once.';
comment on column public.stock_movements.user_id is 'The application''s user; null if it does not say.';
comment on column public.stock_movements.notes is 'Free text.';
comment on column public.stock_movements.metadata is 'Whatever else the application wants to keep.';

create type stocksync._line as (
    product_id bigint,
    location_id bigint,
    day date,
    transaction_type text,
    quantity numeric,
    movements integer
);

comment on type stocksync._line is
    'What a statement or a transaction changed of one product, at one location, on one day, by one type: signed quantity (in is positive) and number of movements (negative where they were taken back).';

-- Every row is deleted by the transaction that inserted it, before it commits: nothing to log,
-- nothing to lose in a crash.
create unlogged table stocksync._unsettled (
    id bigint generated always as identity,
    xid xid8 not null default pg_current_xact_id(),
    lines stocksync._line[] not null
)
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

create index _unsettled_xid_id_idx on stocksync._unsettled (xid, id);

comment on table stocksync._unsettled is
    'What the second and later statements of a running transaction have changed, until it settles at commit. Always empty in committed data.';

comment on column stocksync._unsettled.xid is 'The transaction that captured it.';
comment on column stocksync._unsettled.lines is 'What one statement changed, summed.';

create table stocksync._journal (
    lines stocksync._line[] not null,
    is_settled boolean not null default false
)
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

comment on table stocksync._journal is
    'What committed transactions have changed and the roll-up has not yet drained: one row per transaction that writes once, two otherwise.';
comment on column stocksync._journal.lines is 'What changed, summed.';
comment on column stocksync._journal.is_settled is
    'True where the stock already holds these lines at insert, so that the settle trigger leaves them alone.';

create table stocksync.stock_daily (
    product_id bigint not null,
    location_id bigint,
    day date not null,
    transaction_type text not null,
    quantity numeric not null,
    movements bigint not null,
    constraint stock_daily_key unique nulls not distinct (product_id, day, transaction_type, location_id)
);

comment on table stocksync.stock_daily is
    'Turnovers, rolled up from the journal: never running totals, so that a back-dated movement touches one row. stock_daily plus journal is the ledger, at every moment.';
comment on column stocksync.stock_daily.day is 'Day of occurred_at in the time zone of stocksync.settings.';
comment on column stocksync.stock_daily.quantity is 'Signed: in is positive, out is negative.';
comment on column stocksync.stock_daily.movements is 'Number of movements.';

create table stocksync.stock_total (
    product_id bigint not null,
    location_id bigint,
    quantity numeric not null,
    movements bigint not null,
    constraint stock_total_key unique nulls not distinct (product_id, location_id)
)
with (fillfactor = 70);

comment on table stocksync.stock_total is
    'What has been rolled up, per product and location: the sum of stock_daily.';
comment on column stocksync.stock_total.quantity is 'Signed sum: in minus out.';
comment on column stocksync.stock_total.movements is 'Number of movements.';

create table stocksync.settings (
    only_row boolean constraint settings_pkey primary key default true
        constraint settings_one_row check (only_row),
    allow_negative boolean not null default true,
    manual_updates text not null default 'warn'
        constraint settings_manual_updates_known check (manual_updates in ('warn', 'keep_out', 'refuse')),
    time_zone text not null default 'UTC'
);

comment on table stocksync.settings is
    'One row that says how this installation behaves. Change it with update.';
comment on column stocksync.settings.only_row is 'Always true: there is one row.';
comment on column stocksync.settings.allow_negative is
    'May stock fall below zero where the product does not say? Default true: a negative stock is visible, not refused.';
comment on column stocksync.settings.manual_updates is
    'What happens to an update of quantity_on_hand or total_stock by somebody other than the application role: "warn" lets it through and logs it, the next sync corrects it; "keep_out" keeps the old value and logs; "refuse" raises SS003. From stocksync_app it is always kept out.';
comment on column stocksync.settings.time_zone is 'Whose days stock_daily counts in. Changing it counts all of them anew, while writers wait.';

insert into stocksync.settings default values;

create table stocksync.movement_history (
    id bigint generated always as identity constraint movement_history_pkey primary key,
    replaced_at timestamptz not null default clock_timestamp(),
    replaced_by text not null default session_user,
    operation text not null
        constraint movement_history_operation_known check (operation in ('update', 'delete', 'truncate')),
    movement_id bigint not null,
    product_id bigint not null,
    location_id bigint,
    movement_type text not null,
    transaction_type text not null,
    quantity numeric not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    unit_cost numeric,
    reference text,
    idempotency_key text,
    reverses_id bigint,
    user_id text,
    notes text,
    metadata jsonb
);

create index movement_history_movement_id_idx on stocksync.movement_history (movement_id);

comment on table stocksync.movement_history is
    'The old version of every movement that somebody privileged updated, deleted or truncated.';
comment on column stocksync.movement_history.replaced_at is 'Until when this version was valid.';
comment on column stocksync.movement_history.replaced_by is 'The session user who did it.';
comment on column stocksync.movement_history.operation is '"update", "delete" or "truncate".';
comment on column stocksync.movement_history.movement_id is 'Number of the movement; the columns after it are the movement''s own.';

create table stocksync.log (
    id bigint generated always as identity constraint log_pkey primary key,
    logged_at timestamptz not null default clock_timestamp(),
    level text not null
        constraint log_level_known check (level in ('info', 'warning', 'error', 'critical')),
    message text not null,
    product_id bigint,
    actor text not null default session_user,
    context jsonb not null default '{}'
);

create index log_logged_at_idx on stocksync.log (logged_at);
create index log_product_id_idx on stocksync.log (product_id) where product_id is not null;

comment on table stocksync.log is 'What stocksync did and noticed.';
comment on column stocksync.log.level is '"info", "warning", "error" or "critical".';
comment on column stocksync.log.message is 'One sentence, the same for the same kind of event.';
comment on column stocksync.log.product_id is 'The product it is about; null for none or many.';
comment on column stocksync.log.actor is 'The session user.';
comment on column stocksync.log.context is 'The figures behind the message.';

create table stocksync.runs (
    id bigint generated always as identity constraint runs_pkey primary key,
    command text not null,
    options jsonb not null default '{}',
    actor text not null default session_user,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    products_corrected bigint not null default 0,
    products_failed bigint not null default 0
);

comment on table stocksync.runs is 'Every run that may correct stock. finished_at is null while it runs, and for ever when it was killed.';
comment on column stocksync.runs.command is 'What was run: "sync".';
comment on column stocksync.runs.options is 'With what it was called.';
comment on column stocksync.runs.actor is 'The session user.';
comment on column stocksync.runs.products_corrected is 'Products whose stock was wrong and was corrected.';
comment on column stocksync.runs.products_failed is 'Products that could not be corrected; the log names each.';

create table stocksync.incidents (
    id bigint generated always as identity constraint incidents_pkey primary key,
    run_id bigint not null constraint incidents_run_exists references stocksync.runs (id),
    product_id bigint not null,
    found_at timestamptz not null default clock_timestamp(),
    class text not null
        constraint incidents_class_known
            check (class in ('quantity_on_hand', 'total_stock', 'roll_up')),
    before numeric not null,
    after numeric not null
);

create index incidents_run_id_idx on stocksync.incidents (run_id);
create index incidents_product_id_idx on stocksync.incidents (product_id);

comment on table stocksync.incidents is
    'Every correction of stock: nothing heals without a row here. Inserting one applies it.';
comment on column stocksync.incidents.run_id is 'The run that made the correction.';
comment on column stocksync.incidents.class is
    'What differed from the ledger: "quantity_on_hand", "total_stock" or "roll_up" (stock_daily plus journal).';
comment on column stocksync.incidents.before is 'The quantity found.';
comment on column stocksync.incidents.after is 'The quantity that the ledger said in the same snapshot; the difference was added.';
