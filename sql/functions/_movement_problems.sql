-- What is wrong with each line of a movements file by itself. Whatever passes here can be inserted:
-- constraints and triggers, which name no line, have nothing left to refuse.
--
-- A plain SQL function without SET, so that it is planned as part of the query that calls it.

create or replace function stocksync._movement_problems(p_create_products boolean)
returns table (line bigint, column_name text, value text, problem text)
language sql
stable
as $function$
    select s.line, p.column_name, p.value, p.problem
    from stocksync._staged_movements() as s
    cross join lateral (
        values
        (null, null, s.problem),
        ('sku', s.sku, case
            when s.sku is null and s.product_id_text is null then 'is missing'
            when pg_catalog.btrim(s.sku) = '' then 'is empty'
            when pg_catalog.octet_length(s.sku) > 2000 then 'is longer than 2000 bytes'
            when s.sku is not null and s.product_id is null and not p_create_products
                then 'unknown sku'
        end),
        ('product_id', s.product_id_text, case
            when s.product_id::text is not distinct from s.product_id_text
                or s.product_id_text is null then null
            when s.sku is null then 'unknown product'
            else 'is not the product of this sku'
        end),
        ('location', s.location, case
            when s.location is not null and s.location_id is null then 'unknown location'
        end),
        ('location_id', s.location_id_text, case
            when s.location_id::text is not distinct from s.location_id_text
                or s.location_id_text is null then null
            when s.location is null then 'unknown location'
            else 'is not the location of this name'
        end),
        ('transaction_type', s.transaction_type, case
            when s.transaction_type is null then 'is missing'
            when s.direction is null then 'unknown transaction type'
        end),
        ('movement_type', s.movement_type, case
            when s.movement_type not in ('in', 'out') then 'is neither "in" nor "out"'
            when s.movement_type <> s.direction
                then pg_catalog.format('%s is "%s"', s.transaction_type, s.direction)
        end),
        ('quantity', s.quantity_text, case
            when s.quantity_text is null then 'is missing'
            when s.quantity is null then 'is not a number'
            when s.quantity <= 0 then 'is not above zero'
            when s.quantity >= 1e15 then 'is not below 1e15'
            when pg_catalog.min_scale(s.quantity) > 6 then 'has more than 6 decimals'
        end),
        ('occurred_at', s.occurred_at_text, case
            when s.occurred_at_text is not null and s.occurred_at is null
                then 'is not a time like 2010-12-01 08:26:00+00'
        end),
        ('unit_cost', s.unit_cost_text, case
            when s.unit_cost_text is not null and s.unit_cost is null then 'is not a number'
            when s.unit_cost < 0 then 'is below zero'
            when s.unit_cost >= 1e15 then 'is not below 1e15'
        end),
        ('idempotency_key', s.idempotency_key, case
            when pg_catalog.octet_length(s.idempotency_key) > 2000 then 'is longer than 2000 bytes'
        end),
        ('metadata', s.metadata_text, case
            when s.metadata_text is not null and s.metadata is null then 'is not JSON'
        end)
    ) as p (column_name, value, problem)
    where p.problem is not null
        -- a line that could not be read has no values to look at
        and (s.problem is null or p.column_name is null);
$function$;

comment on function stocksync._movement_problems(boolean) is
    'One row for each value in stocksync_import that cannot become a movement, and for each line that could not be read.';
