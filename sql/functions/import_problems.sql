-- What is wrong with the file that is staged: everything, at once.

create or replace function stocksync.import_problems(
    p_kind text,
    p_create_products boolean default false
)
returns table (line bigint, column_name text, value text, problem text)
language plpgsql
volatile
-- compiling takes longer than running; a file of a million lines needs more memory than a row
set jit = off
set work_mem = '64MB'
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_kind = 'products' then
        return query
        select p.line, p.column_name, p.value, p.problem
        from stocksync._product_problems() as p
        order by p.line;
        return;
    elsif p_kind in ('counts', 'balances') then
        perform stocksync._read_counts();

        return query
        select p.line, p.column_name, p.value, p.problem
        from stocksync._count_problems(p_may_be_negative => p_kind = 'balances') as p
        order by p.line;
        return;
    end if;

    perform stocksync._read_movements();

    return query
    with of_line as materialized (
        select m.line, m.column_name, m.value, m.problem
        from stocksync._movement_problems(p_create_products) as m
    )
    select o.line, o.column_name, o.value, o.problem
    from of_line as o
    union all
    -- a line that is wrong by itself cannot be compared
    select k.line, k.column_name, k.value, k.problem
    from stocksync._key_problems() as k
    where k.line not in (select o.line from of_line as o)
    order by 1;
end;
$function$;

comment on function stocksync.import_problems(text, boolean) is
    'Why the "products", "movements", "counts" or "balances" in stocksync_import cannot be imported: one row for each bad value, by line; none if all is well. column_name and value are null where the line could not be read. With p_create_products an unknown sku is no problem. Raises undefined_table before stocksync.stage_import().';
