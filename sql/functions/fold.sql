-- Folds what waits for busy products into them, as far as they are free now: whoever holds one is
-- not waited for.

create or replace function stocksync.fold()
returns bigint
language plpgsql
volatile
security definer -- nobody writes what is pending by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_folded bigint;
begin
    -- Workers ask several times a second, and nearly always there is nothing.
    if not exists (select from stocksync._pending) then
        return 0;
    end if;

    with free as materialized (
        select p.id
        from public.products as p
        where p.id in (select q.product_id from stocksync._pending as q)
        order by p.id
        for no key update skip locked
    )
    delete from stocksync._pending as q
    using free as f
    where q.product_id = f.id;

    get diagnostics v_folded = row_count;
    return v_folded;
end;
$function$;

comment on function stocksync.fold() is
    'Adds the changes that wait in stocksync._pending to their products, where no other transaction holds the product, and returns how many changes that were. quantity_on_hand plus pending does not change by it.';
