-- What is wrong with each line of a products file. Whatever passes here can be inserted.
--
-- A plain SQL function without SET, so that it is planned as part of the query that calls it.

create or replace function stocksync._product_problems()
returns table (line bigint, column_name text, value text, problem text)
language sql
stable
as $function$
    select s.line, p.column_name, p.value, p.problem
    from pg_temp.stocksync_import as s
    left join (
        select i.sku, pg_catalog.min(i.line) as first_line
        from pg_temp.stocksync_import as i
        where i.problem is null
        group by i.sku
    ) as f on f.sku = s.sku
    cross join lateral (
        values
        (null, null, s.problem),
        ('sku', s.sku, case
            when s.sku is null then 'is missing'
            when pg_catalog.btrim(s.sku) = '' then 'is empty'
            when pg_catalog.octet_length(s.sku) > 2000 then 'is longer than 2000 bytes'
            when s.line > f.first_line then pg_catalog.format('is in line %s already', f.first_line)
        end),
        ('name', s.name, case when s.name is null then 'is missing' end),
        ('is_deleted', s.is_deleted, case
            when s.is_deleted is not null and stocksync._as_boolean(s.is_deleted) is null
                then 'is neither true nor false'
        end),
        ('allow_negative', s.allow_negative, case
            when s.allow_negative is not null and stocksync._as_boolean(s.allow_negative) is null
                then 'is neither true nor false'
        end),
        ('reorder_point', s.reorder_point, case
            when s.reorder_point is not null and stocksync._as_numeric(s.reorder_point) is null
                then 'is not a number'
        end),
        ('unit_cost', s.unit_cost, case
            when s.unit_cost is not null and stocksync._as_numeric(s.unit_cost) is null
                then 'is not a number'
            when stocksync._as_numeric(s.unit_cost) < 0 then 'is below zero'
            when stocksync._as_numeric(s.unit_cost) >= 1e15 then 'is not below 1e15'
        end)
    ) as p (column_name, value, problem)
    where p.problem is not null
        -- a line that could not be read has no values to look at
        and (s.problem is null or p.column_name is null);
$function$;

comment on function stocksync._product_problems() is
    'One row for each value in stocksync_import that cannot become a product, and for each line that could not be read.';
