-- Last step of an import: creates the products that are staged, all of them or, where a line has a
-- problem, nothing. Products that are there already are changed only where that is asked for.

create or replace function stocksync.import_products(
    p_file text default null,
    p_update boolean default false
)
returns table (inserted bigint, updated bigint, already bigint, differing bigint, problems bigint)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_started_at constant timestamptz := clock_timestamp();
    v_differing bigint[];
begin
    -- 1. One import at a time: the second finds the products of the first.
    perform pg_advisory_xact_lock(stocksync._lock_key('import'));

    -- 2. All or nothing.
    inserted := 0;
    updated := 0;
    already := 0;
    differing := 0;

    select count(*) into problems from stocksync.import_problems('products');

    if problems > 0 then
        return next;
        return;
    end if;

    -- 3. New products. The words are the defaults of the table, which nulls would override.
    insert into public.products
        (sku, name, status, is_deleted, allow_negative, reorder_point, unit_cost, tracks_batches,
         batch_strategy)
    select s.sku, s.name, coalesce(s.status, 'active'),
        coalesce(stocksync._as_boolean(s.is_deleted), false),
        stocksync._as_boolean(s.allow_negative),
        stocksync._as_numeric(s.reorder_point),
        stocksync._as_numeric(s.unit_cost),
        coalesce(stocksync._as_boolean(s.tracks_batches), false),
        coalesce(s.batch_strategy, 'fefo')
    from pg_temp.stocksync_import as s
    order by s.sku
    on conflict (sku) do nothing;

    get diagnostics inserted = row_count;

    -- 4. Products that differ in what the file says; an empty cell says nothing.
    select array_agg(p.id) into v_differing
    from pg_temp.stocksync_import as s
    join public.products as p on p.sku = s.sku
    where s.name <> p.name
        or s.status <> p.status
        or stocksync._as_boolean(s.is_deleted) <> p.is_deleted
        or (s.allow_negative is not null
            and stocksync._as_boolean(s.allow_negative) is distinct from p.allow_negative)
        or (s.reorder_point is not null
            and stocksync._as_numeric(s.reorder_point) is distinct from p.reorder_point)
        or (s.unit_cost is not null
            and stocksync._as_numeric(s.unit_cost) is distinct from p.unit_cost)
        or stocksync._as_boolean(s.tracks_batches) <> p.tracks_batches
        or s.batch_strategy <> p.batch_strategy;

    if p_update then
        perform stocksync.lock_products(v_differing);

        update public.products as p
        set name = s.name,
            status = coalesce(s.status, p.status),
            is_deleted = coalesce(stocksync._as_boolean(s.is_deleted), p.is_deleted),
            allow_negative = coalesce(stocksync._as_boolean(s.allow_negative), p.allow_negative),
            reorder_point = coalesce(stocksync._as_numeric(s.reorder_point), p.reorder_point),
            unit_cost = coalesce(stocksync._as_numeric(s.unit_cost), p.unit_cost),
            tracks_batches = coalesce(stocksync._as_boolean(s.tracks_batches), p.tracks_batches),
            batch_strategy = coalesce(s.batch_strategy, p.batch_strategy)
        from pg_temp.stocksync_import as s
        where p.id = any (v_differing) and s.sku = p.sku;

        get diagnostics updated = row_count;
    else
        differing := coalesce(cardinality(v_differing), 0);
    end if;
    already := (select count(*) from pg_temp.stocksync_import) - inserted - updated - differing;

    perform stocksync._record_import(
        'products', p_file, v_started_at,
        jsonb_build_object(
            'inserted', inserted, 'updated', updated, 'already', already, 'differing', differing
        )
    );
    return next;
end;
$function$;

comment on function stocksync.import_products(text, boolean) is
    'Creates the products in stocksync_import and returns how many, how many were updated, how many were there already with the same values, how many with other values (left alone unless p_update), and how many problems there are: if any, nothing was done, and stocksync.import_problems() tells them. Empty cells are defaults for a new product and change nothing of one that is there. p_file is the name for the log.';
