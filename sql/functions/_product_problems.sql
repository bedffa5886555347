-- What is wrong with each line of a products file. Whatever passes here can be inserted.

create or replace function stocksync._product_problems()
returns table (line bigint, column_name text, value text, problem text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.line, null, null, s.problem
    from pg_temp.stocksync_import as s
    where s.problem is not null

    union all
    select p.line, p.column_name, p.value, p.problem
    from (
        select s.line, 'sku', s.sku,
            case
                when s.sku is null then 'is missing'
                when btrim(s.sku) = '' then 'is empty'
                when octet_length(s.sku) > 2000 then 'is longer than 2000 bytes'
            end
        from pg_temp.stocksync_import as s
        where s.problem is null

        union all
        select s.line, 'sku', s.sku, format('is in line %s already', k.line)
        from (
            select i.sku, min(i.line) as line
            from pg_temp.stocksync_import as i
            where i.sku is not null
            group by i.sku
            having count(*) > 1
        ) as k
        join pg_temp.stocksync_import as s on s.sku = k.sku and s.line > k.line

        union all
        select s.line, 'name', null, 'is missing'
        from pg_temp.stocksync_import as s
        where s.problem is null and s.name is null

        union all
        select s.line, b.column_name, b.value, 'is neither true nor false'
        from pg_temp.stocksync_import as s
        cross join lateral unnest(
            array['is_deleted', 'allow_negative', 'tracks_batches'],
            array[s.is_deleted, s.allow_negative, s.tracks_batches]
        ) as b (column_name, value)
        where b.value is not null and stocksync._as_boolean(b.value) is null

        union all
        select s.line, n.column_name, n.value, 'is not a number'
        from pg_temp.stocksync_import as s
        cross join lateral unnest(
            array['reorder_point', 'unit_cost'], array[s.reorder_point, s.unit_cost]
        ) as n (column_name, value)
        where n.value is not null and stocksync._as_numeric(n.value) is null

        union all
        select s.line, 'unit_cost', s.unit_cost, 'is below zero'
        from pg_temp.stocksync_import as s
        where stocksync._as_numeric(s.unit_cost) < 0

        union all
        select s.line, 'batch_strategy', s.batch_strategy, 'is none of "fefo", "fifo" and "lifo"'
        from pg_temp.stocksync_import as s
        where s.batch_strategy not in ('fefo', 'fifo', 'lifo')
    ) as p (line, column_name, value, problem)
    where p.problem is not null;
$function$;

comment on function stocksync._product_problems() is
    'One row for each value in stocksync_import that cannot become a product, and for each line that could not be read.';
