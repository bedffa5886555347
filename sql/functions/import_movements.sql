-- Last step of an import: books what is staged, all of it or, where a line has a problem, nothing.
-- Lines whose key is booked already are left out, so that a file can be sent again.

create or replace function stocksync.import_movements(
    p_file text default null,
    p_create_products boolean default false
)
returns table (inserted bigint, already bigint, products_created bigint, problems bigint)
language plpgsql
volatile
-- compiling takes longer than running; a file of a million lines needs more memory than a row
set jit = off
set work_mem = '64MB'
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_started_at constant timestamptz := clock_timestamp();
    v_ids int8multirange;
begin
    inserted := 0;
    already := 0;
    products_created := 0;

    -- 1. Two imports of the same keys in another order would deadlock. The second waits, and then
    -- finds the movements of the first.
    perform pg_advisory_xact_lock(stocksync._lock_key('import'));

    -- 2. All or nothing.
    select count(*) into problems
    from stocksync.import_problems('movements', p_create_products);

    if problems > 0 then
        return next;
        return;
    end if;

    -- 3. The products, in one order, in which two sessions that create them do not deadlock.
    if p_create_products then
        insert into public.products (sku, name)
        select s.sku, s.sku
        from pg_temp.stocksync_import_movements as s
        where s.product_id is null
        group by s.sku
        order by s.sku
        on conflict (sku) do nothing;

        get diagnostics products_created = row_count;

        update pg_temp.stocksync_import_movements as s
        set product_id = p.id
        from public.products as p
        where s.product_id is null and p.sku = s.sku;
    end if;

    -- 4. The movements, with their direction: left out, a trigger would look it up row by row.
    with booked as (
        insert into public.stock_movements (
            product_id, location_id, movement_type, transaction_type, quantity, occurred_at,
            unit_cost, reference, idempotency_key, user_id, notes, metadata, batch_number,
            expiry_date
        )
        select s.product_id, s.location_id, s.direction, s.transaction_type, s.quantity,
            coalesce(s.occurred_at, now()), s.unit_cost, s.reference, s.idempotency_key,
            s.user_id, s.notes, s.metadata, s.batch_number, s.expiry_date
        from pg_temp.stocksync_import_movements as s
        where not exists (
            select from stocksync.archived_keys as k where k.idempotency_key = s.idempotency_key
        )
        order by s.line
        on conflict (idempotency_key) where idempotency_key is not null do nothing
        returning id
    )
    select r.movements, r.movement_ids into inserted, v_ids
    from stocksync._as_ranges((select array_agg(b.id) from booked as b)) as r;

    already := (select count(*) from pg_temp.stocksync_import) - inserted;

    -- 5. An application may have used one of the keys since step 2.
    if already > 0 and exists (select from stocksync._key_problems()) then
        raise exception 'an idempotency key of the file was used by another session meanwhile'
            using errcode = 'serialization_failure', hint = 'Run the import again.';
    end if;

    perform stocksync._record_import(
        'movements', p_file, v_started_at,
        jsonb_build_object(
            'inserted', inserted, 'already', already, 'products_created', products_created
        ),
        v_ids
    );
    return next;
end;
$function$;

comment on function stocksync.import_movements(text, boolean) is
    'Books the movements in stocksync_import and returns how many, how many were booked already (same idempotency key, same content), how many products were created, and how many problems there are: if any, nothing was done, and stocksync.import_problems() tells them. p_file is the name for the log. p_create_products creates unknown skus, with the sku as name. Raises SS001 at commit where the stock may not fall below zero.';
