-- What is wrong with each line of a movements file by itself. Whatever passes here can be inserted:
-- constraints and triggers, which name no line, have nothing left to refuse.
--
-- One query per column, because a list of checks evaluated line by line took ten times as long.

create or replace function stocksync._movement_problems(p_create_products boolean)
returns table (line bigint, column_name text, value text, problem text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select m.line, null, null, m.problem
    from pg_temp.stocksync_import_movements as m
    where m.problem is not null

    union all
    select p.line, p.column_name, p.value, p.problem
    from (
        select m.line, 'sku', m.sku,
            case
                when m.sku is null then 'is missing'
                when btrim(m.sku) = '' then 'is empty'
                when octet_length(m.sku) > 2000 then 'is longer than 2000 bytes'
                when not p_create_products then 'unknown sku'
            end
        from pg_temp.stocksync_import_movements as m
        where m.problem is null
            and m.product_id is null
            and (m.sku is not null or m.product_id_text is null)

        union all
        select m.line, 'product_id', m.product_id_text,
            case
                when m.sku is null then 'unknown product'
                else 'is not the product of this sku'
            end
        from pg_temp.stocksync_import_movements as m
        where m.product_id_text is distinct from m.product_id::text
            and m.product_id_text is not null

        union all
        select m.line, 'location', m.location, 'unknown location'
        from pg_temp.stocksync_import_movements as m
        where m.location is not null and m.location_id is null

        union all
        select m.line, 'location_id', m.location_id_text,
            case
                when m.location is null then 'unknown location'
                else 'is not the location of this name'
            end
        from pg_temp.stocksync_import_movements as m
        where m.location_id_text is distinct from m.location_id::text
            and m.location_id_text is not null

        union all
        select m.line, 'transaction_type', m.transaction_type,
            case
                when m.transaction_type is null then 'is missing'
                else 'unknown transaction type'
            end
        from pg_temp.stocksync_import_movements as m
        where m.problem is null and m.direction is null

        union all
        select m.line, 'movement_type', m.movement_type,
            case
                when m.movement_type in ('in', 'out')
                    then format('contradicts "%s", which is "%s"', m.transaction_type, m.direction)
                else 'is neither "in" nor "out"'
            end
        from pg_temp.stocksync_import_movements as m
        where m.movement_type not in ('in', 'out') or m.movement_type <> m.direction

        union all
        select m.line, 'quantity', m.quantity_text,
            case
                when m.quantity_text is null then 'is missing'
                when m.quantity is null then 'is not a number'
                when m.quantity <= 0 then 'is not above zero'
                when m.quantity >= 1e15 then 'is not below 1e15'
                when min_scale(m.quantity) > 6 then 'has more than 6 decimals'
            end
        from pg_temp.stocksync_import_movements as m
        where m.problem is null

        union all
        select m.line, 'occurred_at', m.occurred_at_text,
            'is not a time like 2010-12-01 08:26:00+00'
        from pg_temp.stocksync_import_movements as m
        where m.occurred_at_text is not null and m.occurred_at is null

        union all
        select m.line, 'occurred_at', m.occurred_at_text, 'is in a period that is closed'
        from pg_temp.stocksync_import_movements as m
        where m.occurred_at < (select c.before from stocksync._closed as c)
            and (select s.late_movements from stocksync.settings as s) = 'refuse'
            -- what was booked before it was closed may be sent again
            and not exists (
                select from public.stock_movements as b
                where b.idempotency_key = m.idempotency_key
            )
            and not exists (
                select from stocksync.archived_keys as b
                where b.idempotency_key = m.idempotency_key
            )

        union all
        select m.line, 'unit_cost', m.unit_cost_text,
            case
                when m.unit_cost is null then 'is not a number'
                when m.unit_cost < 0 then 'is below zero'
                when m.unit_cost >= 1e15 then 'is not below 1e15'
            end
        from pg_temp.stocksync_import_movements as m
        where m.unit_cost_text is not null

        union all
        select m.line, 'idempotency_key', m.idempotency_key, 'is longer than 2000 bytes'
        from pg_temp.stocksync_import_movements as m
        where octet_length(m.idempotency_key) > 2000

        union all
        select m.line, 'metadata', m.metadata_text, 'is not JSON'
        from pg_temp.stocksync_import_movements as m
        where m.metadata_text is not null and m.metadata is null

        union all
        select m.line, 'batch_number', m.batch_number,
            case
                when btrim(m.batch_number) = '' then 'is empty'
                when octet_length(m.batch_number) > 2000 then 'is longer than 2000 bytes'
            end
        from pg_temp.stocksync_import_movements as m
        where m.batch_number is not null

        union all
        select m.line, 'expiry_date', m.expiry_date_text,
            case
                when m.expiry_date is null then 'is not a date like 2010-12-01'
                when m.expiry_date < date '0001-01-02' then 'is before 0001-01-02'
                when m.expiry_date > date '9999-12-30' then 'is after 9999-12-30'
            end
        from pg_temp.stocksync_import_movements as m
        where m.expiry_date_text is not null
    ) as p (line, column_name, value, problem)
    where p.problem is not null;
$function$;

comment on function stocksync._movement_problems(boolean) is
    'One row for each value in stocksync_import_movements that cannot become a movement, and for each line that could not be read.';
