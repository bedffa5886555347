CREATE SCHEMA stocksync;

CREATE TYPE stocksync._batch_change AS (
	batch_id bigint,
	received numeric,
	remaining numeric
);

CREATE TYPE stocksync._effect AS (
	product_id bigint,
	at timestamp with time zone,
	quantity numeric
);

CREATE TYPE stocksync._line AS (
	product_id bigint,
	location_id bigint,
	day date,
	transaction_type text,
	quantity numeric,
	movements integer
);

CREATE TYPE stocksync._portion AS (
	place bigint,
	id bigint,
	quantity numeric
);

CREATE TYPE stocksync._receipt AS (
	movement_id bigint,
	product_id bigint,
	location_id bigint,
	batch_number text,
	expiry_date date,
	cost_price numeric,
	quantity numeric,
	of_movement_id bigint,
	origin_id bigint,
	received_at timestamp with time zone,
	occurred_at timestamp with time zone
);

CREATE TYPE stocksync._want AS (
	movement_id bigint,
	quantity numeric,
	product_id bigint,
	location_id bigint,
	batch_id bigint,
	batch_number text,
	takes_unfit text,
	day date,
	occurred_at timestamp with time zone,
	transaction_type text,
	reference text
);

CREATE TABLE stocksync.archived_keys (
    idempotency_key text NOT NULL,
    archive_id bigint NOT NULL,
    movement_id bigint NOT NULL,
    movement_type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    given_at timestamp with time zone NOT NULL,
    content_md5 text NOT NULL
);

CREATE TABLE public.stock_batches (
    id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    batch_number text NOT NULL,
    quantity_received numeric DEFAULT 0 NOT NULL,
    quantity_remaining numeric DEFAULT 0 NOT NULL,
    is_open boolean GENERATED ALWAYS AS ((quantity_remaining > (0)::numeric)) STORED NOT NULL,
    cost_price numeric,
    expiry_date date,
    received_at timestamp with time zone NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    origin_id bigint,
    CONSTRAINT stock_batches_cost_price_finite CHECK (((cost_price >= (0)::numeric) AND (cost_price < '1000000000000000'::numeric))),
    CONSTRAINT stock_batches_expiry_date_bounded CHECK (((expiry_date >= '0001-01-02'::date) AND (expiry_date < '9999-12-31'::date))),
    CONSTRAINT stock_batches_number_bounded CHECK ((octet_length(batch_number) <= 2000)),
    CONSTRAINT stock_batches_number_not_empty CHECK ((btrim(batch_number) <> ''::text)),
    CONSTRAINT stock_batches_remaining_not_negative CHECK ((quantity_remaining >= (0)::numeric)),
    CONSTRAINT stock_batches_status_known CHECK ((status = ANY (ARRAY['active'::text, 'quarantined'::text, 'retired'::text])))
)
WITH (fillfactor='70');

CREATE TABLE stocksync.jobs (
    id bigint NOT NULL,
    task text NOT NULL,
    arguments jsonb DEFAULT '{}'::jsonb NOT NULL,
    subject text NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    failures bigint DEFAULT 0 NOT NULL,
    is_cancelled boolean DEFAULT false NOT NULL,
    run_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    enqueued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    enqueued_by text DEFAULT SESSION_USER NOT NULL,
    started_at timestamp with time zone,
    seen_at timestamp with time zone,
    finished_at timestamp with time zone,
    worker text,
    pid integer,
    run_id bigint,
    merged_into bigint,
    sqlstate text,
    error text,
    CONSTRAINT jobs_arguments_of_sync CHECK (((task = 'sync'::text) OR (arguments = '{}'::jsonb))),
    CONSTRAINT jobs_run_at_finite CHECK (isfinite(run_at)),
    CONSTRAINT jobs_state_known CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text, 'merged'::text]))),
    CONSTRAINT jobs_task_known CHECK ((task = ANY (ARRAY['sync'::text, 'refresh'::text, 'audit'::text])))
);

CREATE TABLE public.stock_movements (
    id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    movement_type text NOT NULL,
    transaction_type text NOT NULL,
    quantity numeric NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    unit_cost numeric,
    reference text,
    idempotency_key text,
    reverses_id bigint,
    user_id text,
    notes text,
    metadata jsonb,
    batch_id bigint,
    batch_number text,
    expiry_date date,
    CONSTRAINT stock_movements_direction CHECK ((movement_type = ANY (ARRAY['in'::text, 'out'::text]))),
    CONSTRAINT stock_movements_occurred_at_bounded CHECK ((((occurred_at AT TIME ZONE 'UTC'::text) >= '0001-01-02 00:00:00'::timestamp without time zone) AND ((occurred_at AT TIME ZONE 'UTC'::text) < '9999-12-31 00:00:00'::timestamp without time zone))),
    CONSTRAINT stock_movements_quantity_bounded CHECK ((quantity < '1000000000000000'::numeric)),
    CONSTRAINT stock_movements_quantity_positive CHECK ((quantity > (0)::numeric)),
    CONSTRAINT stock_movements_quantity_scale CHECK ((min_scale(quantity) <= 6)),
    CONSTRAINT stock_movements_unit_cost_finite CHECK (((unit_cost >= (0)::numeric) AND (unit_cost < '1000000000000000'::numeric)))
);

CREATE TABLE stocksync.counts (
    id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    counted_at timestamp with time zone NOT NULL,
    quantity numeric NOT NULL,
    expected numeric NOT NULL,
    balance numeric,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    recorded_by text DEFAULT SESSION_USER NOT NULL,
    run_id bigint,
    user_id text,
    notes text,
    batch_id bigint,
    CONSTRAINT counts_counted_at_bounded CHECK ((((counted_at AT TIME ZONE 'UTC'::text) >= '0001-01-02 00:00:00'::timestamp without time zone) AND ((counted_at AT TIME ZONE 'UTC'::text) < '9999-12-31 00:00:00'::timestamp without time zone))),
    CONSTRAINT counts_quantity_bounded CHECK ((quantity < '1000000000000000'::numeric)),
    CONSTRAINT counts_quantity_not_negative CHECK ((quantity >= (0)::numeric)),
    CONSTRAINT counts_quantity_scale CHECK ((min_scale(quantity) <= 6))
);

CREATE TABLE public.products (
    id bigint NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    quantity_on_hand numeric DEFAULT 0 NOT NULL,
    total_stock numeric DEFAULT 0 NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    allow_negative boolean,
    reorder_point numeric,
    unit_cost numeric,
    tracks_batches boolean DEFAULT false NOT NULL,
    batch_strategy text DEFAULT 'fefo'::text NOT NULL,
    contention text
)
WITH (fillfactor='70');

CREATE UNLOGGED TABLE stocksync._hot (
    product_id bigint NOT NULL,
    fold_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='100');

CREATE TABLE stocksync.archives (
    id bigint NOT NULL,
    closing_id bigint NOT NULL,
    archived_before timestamp with time zone NOT NULL,
    time_zone text NOT NULL,
    file text NOT NULL,
    sha256 text NOT NULL,
    content_sha256 text NOT NULL,
    movements bigint NOT NULL,
    movement_ids int8multirange NOT NULL,
    last_recorded_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    archived_by text DEFAULT SESSION_USER NOT NULL,
    restored_at timestamp with time zone,
    CONSTRAINT archives_sha256_is_hexadecimal CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE stocksync.settings (
    only_row boolean DEFAULT true NOT NULL,
    allow_negative boolean DEFAULT true NOT NULL,
    manual_updates text DEFAULT 'warn'::text NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    report_days bigint DEFAULT 90 NOT NULL,
    keep_log interval DEFAULT '90 days'::interval NOT NULL,
    refresh_late_after interval DEFAULT '02:00:00'::interval NOT NULL,
    pending_late_after interval DEFAULT '00:01:00'::interval NOT NULL,
    job_attempts bigint DEFAULT 3 NOT NULL,
    job_backoff interval[] DEFAULT '{00:01:00,00:05:00,00:15:00}'::interval[] NOT NULL,
    job_timeout interval DEFAULT '00:05:00'::interval NOT NULL,
    keep_jobs interval DEFAULT '30 days'::interval NOT NULL,
    alert_rules text[] DEFAULT '{discrepancies_found,refresh_late,job_failed,negative_stock,below_reorder_point,pending_late,batch_expired,batch_expiring}'::text[] NOT NULL,
    alert_every interval DEFAULT '00:15:00'::interval NOT NULL,
    remind_every interval DEFAULT '1 day'::interval NOT NULL,
    late_movements text DEFAULT 'refuse'::text NOT NULL,
    late_movements_before_count text DEFAULT 'keep_count'::text NOT NULL,
    expired_batches text DEFAULT 'never'::text NOT NULL,
    expiring_days integer DEFAULT 30 NOT NULL,
    contention text DEFAULT 'wait'::text NOT NULL,
    CONSTRAINT settings_alert_every_positive CHECK ((alert_every > '00:00:00'::interval)),
    CONSTRAINT settings_alert_rules_known CHECK ((alert_rules <@ ARRAY['discrepancies_found'::text, 'refresh_late'::text, 'job_failed'::text, 'negative_stock'::text, 'below_reorder_point'::text, 'pending_late'::text, 'batch_expired'::text, 'batch_expiring'::text])),
    CONSTRAINT settings_contention_known CHECK ((contention = ANY (ARRAY['wait'::text, 'never_wait'::text]))),
    CONSTRAINT settings_expired_batches_known CHECK ((expired_batches = ANY (ARRAY['never'::text, 'last'::text]))),
    CONSTRAINT settings_expiring_days_bounded CHECK (((expiring_days >= 0) AND (expiring_days <= 36500))),
    CONSTRAINT settings_job_attempts_positive CHECK (((job_attempts >= 1) AND (job_attempts <= 100))),
    CONSTRAINT settings_job_backoff_not_empty CHECK (((cardinality(job_backoff) > 0) AND (array_position(job_backoff, NULL::interval) IS NULL))),
    CONSTRAINT settings_job_timeout_bounded CHECK (((job_timeout > '00:00:00'::interval) AND (job_timeout <= '1 day'::interval))),
    CONSTRAINT settings_keep_jobs_positive CHECK ((keep_jobs > '00:00:00'::interval)),
    CONSTRAINT settings_keep_log_positive CHECK ((keep_log > '00:00:00'::interval)),
    CONSTRAINT settings_late_movements_before_count_known CHECK ((late_movements_before_count = ANY (ARRAY['keep_count'::text, 'keep_difference'::text]))),
    CONSTRAINT settings_late_movements_known CHECK ((late_movements = ANY (ARRAY['refuse'::text, 'first_open_day'::text]))),
    CONSTRAINT settings_manual_updates_known CHECK ((manual_updates = ANY (ARRAY['warn'::text, 'keep_out'::text, 'refuse'::text]))),
    CONSTRAINT settings_one_row CHECK (only_row),
    CONSTRAINT settings_pending_late_after_positive CHECK ((pending_late_after > '00:00:00'::interval)),
    CONSTRAINT settings_refresh_late_after_positive CHECK ((refresh_late_after > '00:00:00'::interval)),
    CONSTRAINT settings_remind_every_positive CHECK ((remind_every > '00:00:00'::interval)),
    CONSTRAINT settings_report_days_positive CHECK (((report_days >= 1) AND (report_days <= 3660)))
);

CREATE TABLE public.batch_consumptions (
    movement_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    quantity numeric NOT NULL,
    of_movement_id bigint,
    occurred_at timestamp with time zone NOT NULL,
    transaction_type text NOT NULL,
    reference text
);

CREATE TABLE public.batch_receipts (
    movement_id bigint,
    batch_id bigint NOT NULL,
    quantity numeric NOT NULL,
    of_movement_id bigint,
    occurred_at timestamp with time zone NOT NULL,
    transaction_type text
);

CREATE TABLE public.locations (
    id bigint NOT NULL,
    name text NOT NULL,
    CONSTRAINT locations_name_not_empty CHECK ((name <> ''::text))
);

CREATE SEQUENCE public.locations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.locations_id_seq OWNED BY public.locations.id;

CREATE SEQUENCE public.products_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.products_id_seq OWNED BY public.products.id;

CREATE SEQUENCE public.stock_batches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.stock_batches_id_seq OWNED BY public.stock_batches.id;

CREATE SEQUENCE public.stock_movements_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.stock_movements_id_seq OWNED BY public.stock_movements.id;

CREATE TABLE stocksync._pending (
    product_id bigint NOT NULL,
    quantity numeric NOT NULL,
    queued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    reserve numeric
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

CREATE TABLE public.transaction_types (
    name text NOT NULL,
    movement_type text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    counts_as text,
    takes_unfit text DEFAULT 'never'::text NOT NULL,
    brings_back text,
    CONSTRAINT transaction_types_counts_as_known CHECK ((counts_as = ANY (ARRAY['sale'::text, 'count'::text, 'transfer'::text]))),
    CONSTRAINT transaction_types_direction CHECK ((movement_type = ANY (ARRAY['in'::text, 'out'::text]))),
    CONSTRAINT transaction_types_name_not_empty CHECK ((name <> ''::text)),
    CONSTRAINT transaction_types_takes_unfit_known CHECK ((takes_unfit = ANY (ARRAY['never'::text, 'last'::text, 'first'::text])))
);

CREATE TABLE stocksync.archived_daily (
    archive_id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    day date NOT NULL,
    transaction_type text NOT NULL,
    quantity numeric NOT NULL,
    movements bigint NOT NULL
);

CREATE UNLOGGED TABLE stocksync._back_dated (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    effects stocksync._effect[] NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

ALTER TABLE stocksync._back_dated ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync._back_dated_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync._closed (
    only_row boolean DEFAULT true NOT NULL,
    before timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    has_archived boolean DEFAULT false NOT NULL,
    CONSTRAINT _closed_one_row CHECK (only_row)
);

CREATE TABLE stocksync._groups (
    id integer NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT _groups_id_bounded CHECK (((id >= 0) AND (id <= 63)))
);

CREATE TABLE stocksync._journal (
    lines stocksync._line[] NOT NULL,
    is_settled boolean DEFAULT false NOT NULL,
    first_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    booked_ids bigint[],
    unbooked_ids bigint[],
    may_pend boolean DEFAULT false NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='10000');

CREATE TABLE stocksync.runs (
    id bigint NOT NULL,
    command text NOT NULL,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    actor text DEFAULT SESSION_USER NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    products_corrected bigint DEFAULT 0 NOT NULL,
    products_failed bigint DEFAULT 0 NOT NULL,
    pid bigint,
    seen_at timestamp with time zone,
    products_found bigint DEFAULT 0 NOT NULL,
    cost jsonb DEFAULT '[]'::jsonb NOT NULL,
    movement_ids int8multirange DEFAULT '{}'::int8multirange NOT NULL
);

CREATE UNLOGGED TABLE stocksync._passes (
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

CREATE TABLE stocksync.stock_daily (
    product_id bigint NOT NULL,
    location_id bigint,
    day date NOT NULL,
    transaction_type text NOT NULL,
    quantity numeric NOT NULL,
    movements bigint NOT NULL
);

CREATE TABLE stocksync._roll_up_version (
    only_row boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    past_version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT _roll_up_version_one_row CHECK (only_row)
);

CREATE UNLOGGED TABLE stocksync._unsettled (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    lines stocksync._line[] NOT NULL,
    first_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    booked_ids bigint[],
    unbooked_ids bigint[],
    may_pend boolean DEFAULT false NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000');

ALTER TABLE stocksync._unsettled ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync._unsettled_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync._yoyo_log (
    id character varying(36) NOT NULL,
    migration_hash character varying(64),
    migration_id character varying(255),
    operation character varying(10),
    username character varying(255),
    hostname character varying(255),
    comment character varying(255),
    created_at_utc timestamp without time zone
);

CREATE TABLE stocksync._yoyo_migration (
    migration_hash character varying(64) NOT NULL,
    migration_id character varying(255),
    applied_at_utc timestamp without time zone
);

CREATE TABLE stocksync._yoyo_version (
    version integer NOT NULL,
    installed_at_utc timestamp without time zone
);

CREATE TABLE stocksync.alert_channels (
    channel text NOT NULL,
    known_since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    delivery bigint DEFAULT 0 NOT NULL,
    claimed_at timestamp with time zone,
    sent_at timestamp with time zone,
    failures bigint DEFAULT 0 NOT NULL,
    retry_at timestamp with time zone,
    error text,
    CONSTRAINT alert_channels_channel_not_empty CHECK ((channel <> ''::text))
);

CREATE TABLE stocksync.alert_deliveries (
    alert_id bigint NOT NULL,
    channel text NOT NULL,
    delivery bigint NOT NULL,
    event text NOT NULL,
    sent_at timestamp with time zone,
    resolution_sent_at timestamp with time zone,
    CONSTRAINT alert_deliveries_event_known CHECK ((event = ANY (ARRAY['raised'::text, 'reminder'::text, 'resolved'::text])))
);

CREATE TABLE stocksync.alerts (
    id bigint NOT NULL,
    rule text NOT NULL,
    subject text NOT NULL,
    occurrence text DEFAULT ''::text NOT NULL,
    level text NOT NULL,
    message text NOT NULL,
    context jsonb DEFAULT '{}'::jsonb NOT NULL,
    raised_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    resolved_at timestamp with time zone,
    CONSTRAINT alerts_level_known CHECK ((level = ANY (ARRAY['warning'::text, 'error'::text, 'critical'::text]))),
    CONSTRAINT alerts_rule_known CHECK ((rule = ANY (ARRAY['discrepancies_found'::text, 'refresh_late'::text, 'job_failed'::text, 'negative_stock'::text, 'below_reorder_point'::text, 'pending_late'::text, 'batch_expired'::text, 'batch_expiring'::text])))
);

ALTER TABLE stocksync.alerts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.api_items (
    reading_id bigint NOT NULL,
    pass bigint NOT NULL,
    api_id text NOT NULL,
    product_id bigint,
    times bigint NOT NULL,
    quantity numeric,
    reserved numeric,
    status text,
    problem text,
    read_from timestamp with time zone NOT NULL,
    read_at timestamp with time zone NOT NULL,
    stock numeric,
    staged_at timestamp with time zone NOT NULL,
    CONSTRAINT api_items_pass_known CHECK ((pass = ANY (ARRAY[(1)::bigint, (2)::bigint])))
);

CREATE TABLE stocksync.api_readings (
    id bigint NOT NULL,
    source text NOT NULL,
    match_by text NOT NULL,
    grace interval NOT NULL,
    shown_at timestamp with time zone,
    actor text DEFAULT SESSION_USER NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    staged_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    reread_at timestamp with time zone,
    reread_finished_at timestamp with time zone,
    CONSTRAINT api_readings_grace_bounded CHECK (((grace >= '00:00:00'::interval) AND (grace <= '1 day'::interval))),
    CONSTRAINT api_readings_match_by_known CHECK ((match_by = ANY (ARRAY['id'::text, 'sku'::text]))),
    CONSTRAINT api_readings_shown_at_finite CHECK (isfinite(shown_at))
);

ALTER TABLE stocksync.api_readings ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.api_readings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE stocksync.archives ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.archives_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.closings (
    id bigint NOT NULL,
    closed_through date NOT NULL,
    closed_before timestamp with time zone NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    closed_by text DEFAULT SESSION_USER NOT NULL,
    closed_at timestamp with time zone,
    snapshot_id bigint,
    reopened_at timestamp with time zone,
    reopened_by text,
    CONSTRAINT closings_closed_has_balances CHECK (((closed_at IS NULL) = (snapshot_id IS NULL)))
);

ALTER TABLE stocksync.closings ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.closings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.count_corrections (
    movement_id bigint NOT NULL,
    count_id bigint NOT NULL
);

ALTER TABLE stocksync.counts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.counts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.deployed_file (
    path text NOT NULL,
    sha256 text NOT NULL,
    deployed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT deployed_file_sha256_is_hexadecimal CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE stocksync.deployed_grant (
    object text NOT NULL,
    grantee text NOT NULL,
    privilege text NOT NULL
);

CREATE TABLE stocksync.deployed_object (
    kind text NOT NULL,
    identity text NOT NULL,
    md5 text NOT NULL,
    path text
);

CREATE TABLE stocksync.findings (
    run_id bigint NOT NULL,
    product_id bigint,
    quantity_on_hand numeric,
    total_stock numeric,
    rolled_up numeric,
    ledger numeric,
    movements bigint NOT NULL,
    classes text[] CONSTRAINT findings_differs_not_null NOT NULL,
    id bigint NOT NULL,
    by_location numeric,
    batches numeric,
    api_id text,
    api numeric,
    api_status text,
    status text,
    is_deleted boolean,
    reasons jsonb DEFAULT '[]'::jsonb NOT NULL
);

ALTER TABLE stocksync.findings ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.findings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.incidents (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    product_id bigint NOT NULL,
    found_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    class text NOT NULL,
    before numeric,
    after numeric,
    images jsonb,
    CONSTRAINT incidents_class_known CHECK ((class = ANY (ARRAY['quantity_on_hand'::text, 'total_stock'::text, 'roll_up'::text, 'batches'::text, 'status'::text, 'product'::text]))),
    CONSTRAINT incidents_say_what_was CHECK ((((before IS NOT NULL) AND (after IS NOT NULL)) OR ((class = ANY (ARRAY['status'::text, 'product'::text])) AND (images IS NOT NULL))))
);

ALTER TABLE stocksync.incidents ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.incidents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.installation (
    only_row boolean DEFAULT true NOT NULL,
    version text NOT NULL,
    deployed_at timestamp with time zone DEFAULT now() NOT NULL,
    to_do text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT installation_one_row CHECK (only_row)
);

ALTER TABLE stocksync.jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.log (
    id bigint NOT NULL,
    logged_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    level text NOT NULL,
    message text NOT NULL,
    product_id bigint,
    actor text DEFAULT SESSION_USER NOT NULL,
    context jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT log_level_known CHECK ((level = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text, 'critical'::text])))
);

ALTER TABLE stocksync.log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.movement_history (
    id bigint NOT NULL,
    replaced_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    replaced_by text DEFAULT SESSION_USER NOT NULL,
    operation text NOT NULL,
    movement_id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    movement_type text NOT NULL,
    transaction_type text NOT NULL,
    quantity numeric NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    unit_cost numeric,
    reference text,
    idempotency_key text,
    reverses_id bigint,
    user_id text,
    notes text,
    metadata jsonb,
    batch_id bigint,
    batch_number text,
    expiry_date date
);

ALTER TABLE stocksync.movement_history ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.movement_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE stocksync.runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.schedules (
    task text NOT NULL,
    cron text NOT NULL,
    is_enabled boolean DEFAULT true NOT NULL,
    last_due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT schedules_cron_has_five_fields CHECK ((cron ~ '^[0-9A-Za-z*/,#-]+( [0-9A-Za-z*/,#-]+){4}$'::text)),
    CONSTRAINT schedules_last_due_at_finite CHECK (isfinite(last_due_at)),
    CONSTRAINT schedules_task_known CHECK ((task = ANY (ARRAY['sync'::text, 'refresh'::text, 'audit'::text])))
);

CREATE TABLE stocksync.stock_total (
    product_id bigint NOT NULL,
    location_id bigint,
    quantity numeric NOT NULL,
    movements bigint NOT NULL,
    quantity_in numeric DEFAULT 0 NOT NULL,
    first_on date,
    last_on date,
    last_count_on date
)
WITH (fillfactor='70');

CREATE TABLE stocksync.snapshot_balances (
    snapshot_id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    quantity numeric NOT NULL
);

CREATE TABLE stocksync.snapshots (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    known_at timestamp with time zone NOT NULL,
    taken_by text DEFAULT SESSION_USER NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    is_complete boolean DEFAULT true NOT NULL
);

ALTER TABLE stocksync.snapshots ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.snapshots_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE stocksync.view_refreshes (
    view_name text NOT NULL,
    refreshed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seconds numeric NOT NULL,
    input text NOT NULL
);

CREATE TABLE stocksync.yoyo_lock (
    locked integer DEFAULT 1 NOT NULL,
    ctime timestamp without time zone,
    pid integer NOT NULL
);

ALTER TABLE ONLY public.locations ALTER COLUMN id SET DEFAULT nextval('public.locations_id_seq'::regclass);

ALTER TABLE ONLY public.products ALTER COLUMN id SET DEFAULT nextval('public.products_id_seq'::regclass);

ALTER TABLE ONLY public.stock_batches ALTER COLUMN id SET DEFAULT nextval('public.stock_batches_id_seq'::regclass);

ALTER TABLE ONLY public.stock_movements ALTER COLUMN id SET DEFAULT nextval('public.stock_movements_id_seq'::regclass);

ALTER TABLE ONLY public.locations
    ADD CONSTRAINT locations_name_key UNIQUE (name);

ALTER TABLE ONLY public.locations
    ADD CONSTRAINT locations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_sku_key UNIQUE (sku);

ALTER TABLE ONLY public.stock_batches
    ADD CONSTRAINT stock_batches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.transaction_types
    ADD CONSTRAINT transaction_types_pkey PRIMARY KEY (name);

ALTER TABLE ONLY stocksync._closed
    ADD CONSTRAINT _closed_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY stocksync._groups
    ADD CONSTRAINT _groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync._hot
    ADD CONSTRAINT _hot_pkey PRIMARY KEY (product_id);

ALTER TABLE ONLY stocksync._passes
    ADD CONSTRAINT _passes_pkey PRIMARY KEY (xid);

ALTER TABLE ONLY stocksync._roll_up_version
    ADD CONSTRAINT _roll_up_version_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY stocksync._yoyo_log
    ADD CONSTRAINT _yoyo_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync._yoyo_migration
    ADD CONSTRAINT _yoyo_migration_pkey PRIMARY KEY (migration_hash);

ALTER TABLE ONLY stocksync._yoyo_version
    ADD CONSTRAINT _yoyo_version_pkey PRIMARY KEY (version);

ALTER TABLE ONLY stocksync.alert_channels
    ADD CONSTRAINT alert_channels_pkey PRIMARY KEY (channel);

ALTER TABLE ONLY stocksync.alert_deliveries
    ADD CONSTRAINT alert_deliveries_pkey PRIMARY KEY (alert_id, channel);

ALTER TABLE ONLY stocksync.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.api_items
    ADD CONSTRAINT api_items_pkey PRIMARY KEY (reading_id, pass, api_id);

ALTER TABLE ONLY stocksync.api_readings
    ADD CONSTRAINT api_readings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.archived_daily
    ADD CONSTRAINT archived_daily_key UNIQUE NULLS NOT DISTINCT (product_id, day, transaction_type, location_id, archive_id);

ALTER TABLE ONLY stocksync.archived_keys
    ADD CONSTRAINT archived_keys_pkey PRIMARY KEY (idempotency_key);

ALTER TABLE ONLY stocksync.archives
    ADD CONSTRAINT archives_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.closings
    ADD CONSTRAINT closings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.count_corrections
    ADD CONSTRAINT count_corrections_pkey PRIMARY KEY (movement_id);

ALTER TABLE ONLY stocksync.counts
    ADD CONSTRAINT counts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.deployed_file
    ADD CONSTRAINT deployed_file_pkey PRIMARY KEY (path);

ALTER TABLE ONLY stocksync.deployed_grant
    ADD CONSTRAINT deployed_grant_pkey PRIMARY KEY (object, grantee, privilege);

ALTER TABLE ONLY stocksync.deployed_object
    ADD CONSTRAINT deployed_object_pkey PRIMARY KEY (kind, identity);

ALTER TABLE ONLY stocksync.findings
    ADD CONSTRAINT findings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.findings
    ADD CONSTRAINT findings_run_id_product_id_key UNIQUE (run_id, product_id);

ALTER TABLE ONLY stocksync.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY stocksync.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (id);

ALTER TABLE stocksync.movement_history
    ADD CONSTRAINT movement_history_operation_known CHECK ((operation = ANY (ARRAY['update'::text, 'delete'::text, 'truncate'::text, 'late'::text]))) NOT VALID;

ALTER TABLE ONLY stocksync.movement_history
    ADD CONSTRAINT movement_history_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (task);

ALTER TABLE ONLY stocksync.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY stocksync.snapshot_balances
    ADD CONSTRAINT snapshot_balances_key UNIQUE NULLS NOT DISTINCT (snapshot_id, product_id, location_id);

ALTER TABLE ONLY stocksync.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stocksync.stock_daily
    ADD CONSTRAINT stock_daily_key UNIQUE NULLS NOT DISTINCT (product_id, day, transaction_type, location_id);

ALTER TABLE ONLY stocksync.stock_total
    ADD CONSTRAINT stock_total_key UNIQUE NULLS NOT DISTINCT (product_id, location_id);

ALTER TABLE ONLY stocksync.view_refreshes
    ADD CONSTRAINT view_refreshes_pkey PRIMARY KEY (view_name);

ALTER TABLE ONLY stocksync.yoyo_lock
    ADD CONSTRAINT yoyo_lock_pkey PRIMARY KEY (locked);

CREATE INDEX batch_consumptions_batch_id_idx ON public.batch_consumptions USING btree (batch_id);

CREATE INDEX batch_consumptions_movement_id_idx ON public.batch_consumptions USING btree (movement_id);

CREATE INDEX batch_consumptions_of_movement_id_idx ON public.batch_consumptions USING btree (of_movement_id) WHERE (of_movement_id IS NOT NULL);

CREATE INDEX batch_consumptions_reference_idx ON public.batch_consumptions USING btree ("left"(reference, 200)) WHERE ((reference IS NOT NULL) AND (of_movement_id IS NULL));

CREATE INDEX batch_receipts_batch_id_idx ON public.batch_receipts USING btree (batch_id);

CREATE INDEX batch_receipts_movement_id_idx ON public.batch_receipts USING btree (movement_id);

CREATE INDEX batch_receipts_of_movement_id_idx ON public.batch_receipts USING btree (of_movement_id) WHERE (of_movement_id IS NOT NULL);

CREATE INDEX products_refuse_negative_idx ON public.products USING btree (id) WHERE (NOT allow_negative);

CREATE INDEX products_track_batches_idx ON public.products USING btree (id) WHERE tracks_batches;

CREATE UNIQUE INDEX stock_batches_alike_idx ON public.stock_batches USING btree (product_id, batch_number, location_id, expiry_date, cost_price) NULLS NOT DISTINCT WHERE (status <> 'retired'::text);

CREATE INDEX stock_batches_open_idx ON public.stock_batches USING btree (product_id) WHERE (is_open AND (status <> 'retired'::text));

CREATE INDEX stock_movements_future_idx ON public.stock_movements USING btree (product_id, occurred_at) WHERE (occurred_at > recorded_at);

CREATE UNIQUE INDEX stock_movements_idempotency_key_idx ON public.stock_movements USING btree (idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE INDEX stock_movements_late_idx ON public.stock_movements USING btree (product_id, recorded_at) WHERE ((recorded_at - occurred_at) > '1 day'::interval);

CREATE INDEX stock_movements_location_id_idx ON public.stock_movements USING btree (location_id) WHERE (location_id IS NOT NULL);

CREATE INDEX stock_movements_occurred_at_idx ON public.stock_movements USING brin (occurred_at timestamptz_minmax_multi_ops) WITH (autosummarize='on');

CREATE INDEX stock_movements_product_id_occurred_at_idx ON public.stock_movements USING btree (product_id, occurred_at);

CREATE INDEX stock_movements_recorded_at_idx ON public.stock_movements USING brin (recorded_at) WITH (autosummarize='on');

CREATE UNIQUE INDEX stock_movements_reverses_id_idx ON public.stock_movements USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);

CREATE INDEX transaction_types_brings_back_idx ON public.transaction_types USING btree (brings_back) WHERE (brings_back IS NOT NULL);

CREATE INDEX _back_dated_xid_idx ON stocksync._back_dated USING btree (xid);

CREATE INDEX _pending_product_id_idx ON stocksync._pending USING btree (product_id);

CREATE INDEX _unsettled_xid_id_idx ON stocksync._unsettled USING btree (xid, id);

CREATE INDEX alert_deliveries_channel_delivery_idx ON stocksync.alert_deliveries USING btree (channel, delivery);

CREATE UNIQUE INDEX alerts_open_idx ON stocksync.alerts USING btree (rule, subject) WHERE (resolved_at IS NULL);

CREATE INDEX alerts_resolved_at_idx ON stocksync.alerts USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);

CREATE INDEX alerts_rule_subject_id_idx ON stocksync.alerts USING btree (rule, subject, id);

CREATE INDEX archived_daily_archive_id_idx ON stocksync.archived_daily USING btree (archive_id);

CREATE INDEX archived_keys_archive_id_idx ON stocksync.archived_keys USING btree (archive_id);

CREATE INDEX archives_closing_id_idx ON stocksync.archives USING btree (closing_id);

CREATE UNIQUE INDEX closings_closed_before_idx ON stocksync.closings USING btree (closed_before) WHERE (reopened_at IS NULL);

CREATE INDEX closings_snapshot_id_idx ON stocksync.closings USING btree (snapshot_id);

CREATE INDEX count_corrections_count_id_movement_id_idx ON stocksync.count_corrections USING btree (count_id, movement_id);

CREATE INDEX counts_product_id_counted_at_idx ON stocksync.counts USING btree (product_id, counted_at);

CREATE INDEX counts_run_id_idx ON stocksync.counts USING btree (run_id) WHERE (run_id IS NOT NULL);

CREATE INDEX incidents_product_id_idx ON stocksync.incidents USING btree (product_id);

CREATE INDEX incidents_run_id_idx ON stocksync.incidents USING btree (run_id);

CREATE INDEX jobs_failed_idx ON stocksync.jobs USING btree (id) WHERE (state = 'failed'::text);

CREATE INDEX jobs_finished_at_idx ON stocksync.jobs USING btree (finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX jobs_merged_into_idx ON stocksync.jobs USING btree (merged_into) WHERE (merged_into IS NOT NULL);

CREATE INDEX jobs_queued_run_at_idx ON stocksync.jobs USING btree (run_at, id) WHERE (state = 'queued'::text);

CREATE UNIQUE INDEX jobs_queued_subject_idx ON stocksync.jobs USING btree (subject) WHERE (state = 'queued'::text);

CREATE INDEX jobs_run_id_idx ON stocksync.jobs USING btree (run_id) WHERE (run_id IS NOT NULL);

CREATE UNIQUE INDEX jobs_running_subject_idx ON stocksync.jobs USING btree (subject) WHERE (state = 'running'::text);

CREATE INDEX log_logged_at_idx ON stocksync.log USING btree (logged_at);

CREATE INDEX log_product_id_idx ON stocksync.log USING btree (product_id) WHERE (product_id IS NOT NULL);

CREATE INDEX movement_history_movement_id_idx ON stocksync.movement_history USING btree (movement_id);

CREATE INDEX movement_history_replaced_at_idx ON stocksync.movement_history USING btree (replaced_at);

CREATE INDEX runs_command_started_at_idx ON stocksync.runs USING btree (command, started_at);

CREATE INDEX snapshots_at_idx ON stocksync.snapshots USING btree (at);

CREATE INDEX stock_daily_day_idx ON stocksync.stock_daily USING btree (day);

CREATE INDEX stock_total_location_id_idx ON stocksync.stock_total USING btree (location_id) WHERE (location_id IS NOT NULL);

ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_location_exists FOREIGN KEY (location_id) REFERENCES public.locations(id);

ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_reversed_exists FOREIGN KEY (reverses_id) REFERENCES public.stock_movements(id);

ALTER TABLE ONLY public.transaction_types
    ADD CONSTRAINT transaction_types_brings_back_exists FOREIGN KEY (brings_back) REFERENCES public.transaction_types(name) ON UPDATE CASCADE ON DELETE SET NULL;

ALTER TABLE ONLY stocksync.alert_deliveries
    ADD CONSTRAINT alert_deliveries_alert_exists FOREIGN KEY (alert_id) REFERENCES stocksync.alerts(id) ON DELETE CASCADE;

ALTER TABLE ONLY stocksync.api_items
    ADD CONSTRAINT api_items_reading_exists FOREIGN KEY (reading_id) REFERENCES stocksync.api_readings(id) ON DELETE CASCADE;

ALTER TABLE ONLY stocksync.archived_daily
    ADD CONSTRAINT archived_daily_archive_exists FOREIGN KEY (archive_id) REFERENCES stocksync.archives(id);

ALTER TABLE ONLY stocksync.archived_keys
    ADD CONSTRAINT archived_keys_archive_exists FOREIGN KEY (archive_id) REFERENCES stocksync.archives(id);

ALTER TABLE ONLY stocksync.archives
    ADD CONSTRAINT archives_closing_exists FOREIGN KEY (closing_id) REFERENCES stocksync.closings(id);

ALTER TABLE ONLY stocksync.closings
    ADD CONSTRAINT closings_snapshot_exists FOREIGN KEY (snapshot_id) REFERENCES stocksync.snapshots(id);

ALTER TABLE ONLY stocksync.count_corrections
    ADD CONSTRAINT count_corrections_count_exists FOREIGN KEY (count_id) REFERENCES stocksync.counts(id);

ALTER TABLE ONLY stocksync.counts
    ADD CONSTRAINT counts_run_exists FOREIGN KEY (run_id) REFERENCES stocksync.runs(id) ON DELETE SET NULL;

ALTER TABLE ONLY stocksync.findings
    ADD CONSTRAINT findings_run_exists FOREIGN KEY (run_id) REFERENCES stocksync.runs(id) ON DELETE CASCADE;

ALTER TABLE ONLY stocksync.incidents
    ADD CONSTRAINT incidents_run_exists FOREIGN KEY (run_id) REFERENCES stocksync.runs(id);

ALTER TABLE ONLY stocksync.jobs
    ADD CONSTRAINT jobs_merged_exists FOREIGN KEY (merged_into) REFERENCES stocksync.jobs(id) ON DELETE SET NULL;

ALTER TABLE ONLY stocksync.jobs
    ADD CONSTRAINT jobs_run_exists FOREIGN KEY (run_id) REFERENCES stocksync.runs(id) ON DELETE SET NULL;

ALTER TABLE ONLY stocksync.snapshot_balances
    ADD CONSTRAINT snapshot_balances_snapshot_exists FOREIGN KEY (snapshot_id) REFERENCES stocksync.snapshots(id) ON DELETE CASCADE;


