-- What an audit found, source by source, with its causes; what a fix did, with what was there before.
-- depends: 0013_warn_of_expiry

-- Their columns have changed; deploying makes them again.
-- squawk-ignore ban-drop-function
drop function if exists stocksync.findings(bigint) cascade;
-- squawk-ignore ban-drop-function
drop procedure if exists stocksync.audit(bigint) cascade;
-- squawk-ignore ban-drop-function
drop function if exists stocksync._record_findings(bigint) cascade;

-- Few rows, that nobody but an audit writes.
alter table stocksync.findings
    -- squawk-ignore ban-drop-constraint
    drop constraint findings_pkey,
    -- squawk-ignore adding-field-with-default, adding-serial-primary-key-field
    add column id bigint generated always as identity constraint findings_pkey primary key,
    -- Whoever reads what audits found reads what this version says of it.
    -- squawk-ignore ban-drop-not-null
    alter column product_id drop not null,
    -- squawk-ignore ban-drop-not-null
    alter column quantity_on_hand drop not null,
    -- squawk-ignore ban-drop-not-null
    alter column total_stock drop not null,
    -- squawk-ignore ban-drop-not-null
    alter column rolled_up drop not null,
    -- squawk-ignore ban-drop-not-null
    alter column ledger drop not null,
    add column by_location numeric,
    add column batches numeric,
    add column api_id text,
    add column api numeric,
    add column api_status text,
    add column status text,
    add column is_deleted boolean,
    add column reasons jsonb not null default '[]',
    -- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
    add constraint findings_run_id_product_id_key unique (run_id, product_id);

-- squawk-ignore renaming-column
alter table stocksync.findings rename column differs to classes;

update stocksync.findings as f
set by_location = f.rolled_up,
    classes = (
        select array_agg(distinct case c
            when 'quantity_on_hand' then 'on_hand_vs_ledger'
            when 'total_stock' then 'stock_vs_total_stock'
            when 'roll_up' then 'roll_up_vs_ledger'
            when 'batches' then 'on_hand_vs_batches'
            when 'closing' then 'closing_vs_ledger'
            else c
        end)
        from unnest(f.classes) as c
    );

comment on table stocksync.findings is
    'What an audit found wrong: a product with its stock in every source, and why; or what an API shows and the shop does not have.';
comment on column stocksync.findings.product_id is
    'The product, which may be gone; null for what only the API knows.';
comment on column stocksync.findings.quantity_on_hand is
    'As the product had it, with what waits for it to be free; null where there is no product.';
comment on column stocksync.findings.by_location is 'Sum of stocksync.stock_by_location.';
comment on column stocksync.findings.batches is
    'Sum of what remained of its batches; null if it tracked none.';
comment on column stocksync.findings.api_id is 'What the API calls it; null if no API was read or it does not show it.';
comment on column stocksync.findings.api is 'The quantity that the API showed; null for none.';
comment on column stocksync.findings.api_status is 'The status that the API showed; null for none.';
comment on column stocksync.findings.status is 'Of the product.';
comment on column stocksync.findings.is_deleted is 'Of the product.';
comment on column stocksync.findings.classes is
    'What was wrong: on_hand_vs_ledger, stock_vs_total_stock, location_vs_ledger, roll_up_vs_ledger, on_hand_vs_batches, batch_vs_movements, closing_vs_ledger, negative, orphan_movement, on_hand_vs_api, missing_from_api, unknown_to_shop, duplicate_in_api, unreadable_in_api, lag.';
comment on column stocksync.findings.reasons is
    'An array of objects, at least one for each class: class, cause, text (a sentence), and where known location, batch, movement_id (the first from which the numbers part), since, by, stored, derived.';

-- What a fix changes that is no quantity.
alter table stocksync.incidents
    -- squawk-ignore ban-drop-constraint
    drop constraint incidents_class_known,
    -- squawk-ignore constraint-missing-not-valid
    add constraint incidents_class_known check (
        class in ('quantity_on_hand', 'total_stock', 'roll_up', 'batches', 'status', 'product')
    ),
    -- squawk-ignore ban-drop-not-null
    alter column before drop not null,
    -- squawk-ignore ban-drop-not-null
    alter column after drop not null,
    add column images jsonb,
    -- squawk-ignore constraint-missing-not-valid
    add constraint incidents_say_what_was check (
        before is not null and after is not null
        or class in ('status', 'product') and images is not null
    );

comment on column stocksync.incidents.class is
    'What was not right: "quantity_on_hand", "total_stock", "roll_up" (stock_daily plus journal), "batches" (what remains of them), "status" (that of the product, or is_deleted), "product" (its row was gone).';
comment on column stocksync.incidents.before is 'The quantity found; null where it is not about one.';
comment on column stocksync.incidents.images is
    'What was there ("before") and what came in its place ("after"): the batches, or the columns of the product. Null where before and after say all.';

-- Every audit until now looked at each day and type.
update stocksync.runs set options = options || '{"deep": true}' where command = 'audit';
