-- What moved in the days before today that the reports look back, product by product: as it is kept,
-- and summed where it is not. What is kept decides how long it takes, never what comes out.

create or replace function stocksync._product_windows()
returns setof stocksync._product_window
language plpgsql
stable
rows 10000
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_today constant date := stocksync._shop_day();
    v_first_day constant date := stocksync._report_from();
    v_missing bigint[];
begin
    return query
    select w.*
    from stocksync._product_window as w
    where w.today = v_today and w.first_day = v_first_day;

    select array_agg(p.id) into v_missing
    from public.products as p
    where not exists (
        select
        from stocksync._product_window as w
        where w.product_id = p.id and w.today = v_today and w.first_day = v_first_day
    );
    if v_missing is not null then
        return query select s.* from stocksync._sum_windows(v_missing) as s;
    end if;
end;
$function$;

comment on function stocksync._product_windows() is
    'stocksync._product_window of every product.';
