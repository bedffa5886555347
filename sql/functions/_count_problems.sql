-- What is wrong with each line of a file of counts, or of balances, which may be below zero. Whatever
-- passes here can be recorded.

create or replace function stocksync._count_problems(p_may_be_negative boolean)
returns table (line bigint, column_name text, value text, problem text)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select c.line, null, null, c.problem
    from pg_temp.stocksync_import_counts as c
    where c.problem is not null

    union all
    select p.line, p.column_name, p.value, p.problem
    from (
        select c.line, 'sku', c.sku,
            case
                when c.sku is null then 'is missing'
                else 'unknown sku'
            end
        from pg_temp.stocksync_import_counts as c
        where c.problem is null
            and c.product_id is null
            and (c.sku is not null or c.product_id_text is null)

        union all
        select c.line, 'product_id', c.product_id_text,
            case
                when c.sku is null then 'unknown product'
                else 'is not the product of this sku'
            end
        from pg_temp.stocksync_import_counts as c
        where c.product_id_text is distinct from c.product_id::text
            and c.product_id_text is not null

        union all
        select c.line, 'location', c.location, 'unknown location'
        from pg_temp.stocksync_import_counts as c
        where c.location is not null and c.location_id is null

        union all
        select c.line, 'location_id', c.location_id_text,
            case
                when c.location is null then 'unknown location'
                else 'is not the location of this name'
            end
        from pg_temp.stocksync_import_counts as c
        where c.location_id_text is distinct from c.location_id::text
            and c.location_id_text is not null

        union all
        select c.line, 'quantity', c.quantity_text,
            case
                when c.quantity_text is null then 'is missing'
                when c.quantity is null then 'is not a number'
                when c.quantity < 0 and not p_may_be_negative then 'is below zero'
                when abs(c.quantity) >= 1e15 then 'is not below 1e15'
                when min_scale(c.quantity) > 6 then 'has more than 6 decimals'
            end
        from pg_temp.stocksync_import_counts as c
        where c.problem is null

        union all
        select c.line, 'counted_at', c.counted_at_text,
            case
                when c.counted_at is null then 'is not a time like 2010-12-01 08:26:00+00'
                when c.counted_at > clock_timestamp() then 'is in the future'
                when c.counted_at < k.before then 'is in a period that is closed'
            end
        from pg_temp.stocksync_import_counts as c
        cross join stocksync._closed as k
        where c.counted_at_text is not null

        union all
        select c.line, 'batch_number', c.batch_number, c.batch_problem
        from pg_temp.stocksync_import_counts as c
        where c.product_id is not null
            and (c.location_id is not null
                or (c.location is null and c.location_id_text is null))

        union all
        select c.line, case when c.sku is null then 'product_id' else 'sku' end,
            coalesce(c.sku, c.product_id_text), format('is in line %s already', f.line)
        from (
            select i.product_id, i.location_id, i.counted_at, i.batch_number, min(i.line) as line
            from pg_temp.stocksync_import_counts as i
            where i.product_id is not null
                and (i.location_id is not null
                    or (i.location is null and i.location_id_text is null))
                and (i.counted_at is not null or i.counted_at_text is null)
            group by i.product_id, i.location_id, i.counted_at, i.batch_number
            having count(*) > 1
        ) as f
        join pg_temp.stocksync_import_counts as c
            on c.product_id = f.product_id
            and c.location_id is not distinct from f.location_id
            and c.counted_at is not distinct from f.counted_at
            and c.batch_number is not distinct from f.batch_number
            and c.line > f.line
            and (c.location_id is not null
                or (c.location is null and c.location_id_text is null))
            and (c.counted_at is not null or c.counted_at_text is null)
    ) as p (line, column_name, value, problem)
    where p.problem is not null;
$function$;

comment on function stocksync._count_problems(boolean) is
    'One row for each value in stocksync_import_counts that cannot become a count (or, if it may be negative, a balance), for each of a product (or batch) at a place and time that is there already, and for each line that could not be read.';
