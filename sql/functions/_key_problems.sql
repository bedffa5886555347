-- Lines whose idempotency key belongs to a movement with another content, booked or earlier in the
-- file. The same key with the same content is a retry, and no problem.

create or replace function stocksync._key_problems()
returns table (line bigint, column_name text, value text, problem text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.line, 'idempotency_key', s.idempotency_key,
        format('belongs to movement %s, which has another content', m.id)
    from pg_temp.stocksync_import_movements as s
    join public.stock_movements as m on m.idempotency_key = s.idempotency_key
    where (s.product_id, s.location_id, s.direction, s.transaction_type, s.quantity, s.unit_cost,
           s.reference, s.user_id, s.notes, s.metadata, null::bigint, s.batch_number, s.expiry_date)
        is distinct from
        (m.product_id, m.location_id, m.movement_type, m.transaction_type, m.quantity, m.unit_cost,
         m.reference, m.user_id, m.notes, m.metadata, m.batch_id, m.batch_number, m.expiry_date)
        -- who sends it again need not know when it was booked first
        or (s.occurred_at <> m.occurred_at and s.occurred_at <> stocksync._given_at(m))

    union all
    select s.line, 'idempotency_key', s.idempotency_key,
        format('belongs to movement %s, which has another content', k.movement_id)
    from pg_temp.stocksync_import_movements as s
    join stocksync.archived_keys as k on k.idempotency_key = s.idempotency_key
    where k.content_md5 <> stocksync._content_md5(
            s.product_id, s.location_id, s.transaction_type, s.quantity, s.unit_cost, s.reference,
            s.user_id, s.notes, s.metadata, null, s.batch_number, s.expiry_date
        )
        or s.direction <> k.movement_type
        or s.occurred_at <> k.given_at

    union all
    select s.line, 'idempotency_key', s.idempotency_key,
        format('belongs to line %s, which has another content', f.line)
    from (
        select i.idempotency_key, min(i.line) as line
        from pg_temp.stocksync_import_movements as i
        where i.idempotency_key is not null
        group by i.idempotency_key
        having count(*) > 1
    ) as k
    join pg_temp.stocksync_import_movements as f on f.line = k.line
    join pg_temp.stocksync_import_movements as s
        on s.idempotency_key = k.idempotency_key and s.line > k.line
    where (s.product_id, s.location_id, s.transaction_type, s.quantity, s.unit_cost, s.reference,
           s.user_id, s.notes, s.metadata, s.occurred_at, s.batch_number, s.expiry_date,
           -- a product that this import creates
           case when s.product_id is null then s.sku end)
        is distinct from
        (f.product_id, f.location_id, f.transaction_type, f.quantity, f.unit_cost, f.reference,
         f.user_id, f.notes, f.metadata, f.occurred_at, f.batch_number, f.expiry_date,
         case when f.product_id is null then f.sku end);
$function$;

comment on function stocksync._key_problems() is
    'One row for each line of stocksync_import_movements whose idempotency key belongs to another movement. Compares as stocksync.record_movement() does.';
