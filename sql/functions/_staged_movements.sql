-- The lines of a movements file, each text beside what it means; null where it means nothing. Finding
-- problems, comparing with what is booked and booking all start from here, so they cannot differ.
--
-- A plain SQL function without SET, so that it is planned as part of the query that calls it.

create or replace function stocksync._staged_movements()
returns table (
    line bigint,
    problem text,
    sku text,
    product_id_text text,
    product_id bigint,
    location text,
    location_id_text text,
    location_id bigint,
    movement_type text,
    transaction_type text,
    direction text,
    quantity_text text,
    quantity numeric,
    occurred_at_text text,
    occurred_at timestamptz,
    unit_cost_text text,
    unit_cost numeric,
    reference text,
    idempotency_key text,
    user_id text,
    notes text,
    metadata_text text,
    metadata jsonb
)
language sql
stable
as $function$
    select
        s.line,
        s.problem,
        s.sku,
        s.product_id,
        case when s.sku is null then pi.id else ps.id end,
        s.location,
        s.location_id,
        case when s.location is null then li.id else ln.id end,
        s.movement_type,
        s.transaction_type,
        t.movement_type,
        s.quantity,
        stocksync._as_numeric(s.quantity),
        s.occurred_at,
        stocksync._as_timestamptz(s.occurred_at, c.time_zone),
        s.unit_cost,
        stocksync._as_numeric(s.unit_cost),
        s.reference,
        s.idempotency_key,
        s.user_id,
        s.notes,
        s.metadata,
        stocksync._as_jsonb(s.metadata)
    from pg_temp.stocksync_import as s
    cross join stocksync.settings as c
    left join public.transaction_types as t on t.name = s.transaction_type
    left join public.products as ps on ps.sku = s.sku
    left join public.locations as ln on ln.name = s.location
    -- as texts, so that what is no number matches none
    left join public.products as pi on pi.id::text = s.product_id
    left join public.locations as li on li.id::text = s.location_id;
$function$;

comment on function stocksync._staged_movements() is
    'The lines of stocksync_import as movements: what the file says and, where it says something, what that is.';
