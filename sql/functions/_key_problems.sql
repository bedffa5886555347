-- Lines whose idempotency key belongs to a movement with another content, booked or earlier in the
-- file. The same key with the same content is a retry, and no problem.
--
-- A plain SQL function without SET, so that it is planned as part of the query that calls it.

create or replace function stocksync._key_problems()
returns table (line bigint, column_name text, value text, problem text)
language sql
stable
as $function$
    select s.line, 'idempotency_key', s.idempotency_key,
        pg_catalog.format('belongs to movement %s, which has another content', m.id)
    from stocksync._staged_movements() as s
    join public.stock_movements as m on m.idempotency_key = s.idempotency_key
    where (s.product_id, s.location_id, s.direction, s.transaction_type, s.quantity, s.unit_cost,
           s.reference, s.user_id, s.notes, s.metadata)
        is distinct from
        (m.product_id, m.location_id, m.movement_type, m.transaction_type, m.quantity, m.unit_cost,
         m.reference, m.user_id, m.notes, m.metadata)
        -- who sends it again need not know when it was booked first
        or s.occurred_at <> m.occurred_at

    union all
    select s.line, 'idempotency_key', s.idempotency_key,
        pg_catalog.format('belongs to line %s, which has another content', f.line)
    from (
        select i.idempotency_key, pg_catalog.min(i.line) as first_line
        from pg_temp.stocksync_import as i
        where i.idempotency_key is not null and i.problem is null
        group by i.idempotency_key
        having pg_catalog.count(*) > 1
    ) as k
    join stocksync._staged_movements() as f on f.line = k.first_line
    join stocksync._staged_movements() as s
        on s.idempotency_key = k.idempotency_key and s.line > k.first_line
    where (s.product_id, s.location_id, s.transaction_type, s.quantity, s.unit_cost, s.reference,
           s.user_id, s.notes, s.metadata, s.occurred_at,
           -- a product that this import creates
           case when s.product_id is null then s.sku end)
        is distinct from
        (f.product_id, f.location_id, f.transaction_type, f.quantity, f.unit_cost, f.reference,
         f.user_id, f.notes, f.metadata, f.occurred_at,
         case when f.product_id is null then f.sku end);
$function$;

comment on function stocksync._key_problems() is
    'One row for each line of stocksync_import whose idempotency key belongs to another movement. Compares as stocksync.record_movement() does.';
