-- Folds what waits for busy products into them, as far as they are free now: whoever holds one is
-- not waited for.

-- Until 0.5.0 it had no argument. Here and not in a migration, so that no worker misses it: what is
-- deployed is one transaction.
drop function if exists stocksync.fold();

create or replace function stocksync.fold(p_only_due boolean default false)
returns bigint
language plpgsql
volatile
security definer -- nobody writes what is pending by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- Workers ask several times a second, and nearly always there is nothing.
    if not exists (select from stocksync._pending as q where q.quantity <> 0)
        and not exists (select from stocksync._hot)
    then
        return 0;
    end if;

    return stocksync._fold(array(
        select p.id
        from public.products as p
        where p.id in (
                select q.product_id from stocksync._pending as q where q.quantity <> 0
                union
                select h.product_id from stocksync._hot as h
            )
            and not (p_only_due and stocksync._is_hot(p.id))
        order by p.id
        for no key update skip locked
    ));
end;
$function$;

comment on function stocksync.fold(boolean) is
    'Adds the changes that wait in stocksync._pending to their products, where no other transaction holds the product, and returns how many changes that were. p_only_due: not to those that were busy a moment ago and are left alone, as workers do. quantity_on_hand plus pending does not change by it.';
