-- Taking a change out of _pending is applying it to its product: it is in one of the two places in
-- every snapshot, whoever deletes the row.

create or replace function stocksync.tg__pending__fold()
returns trigger
language plpgsql
security definer -- stock is written by nobody else
set search_path = pg_catalog, pg_temp
as $function$
begin
    if not exists (select from old_rows) then
        return null;
    end if;

    -- In the one order in which everybody locks products.
    perform from public.products as p
    where p.id in (select o.product_id from old_rows as o)
    order by p.id
    for no key update;

    -- The changes of a product that is gone go with it.
    update public.products as p
    set quantity_on_hand = trim_scale(p.quantity_on_hand + d.quantity),
        total_stock = trim_scale(p.total_stock + d.quantity)
    from (
        select o.product_id, sum(o.quantity) as quantity
        from old_rows as o
        group by o.product_id
    ) as d
    where p.id = d.product_id;
    return null;
end;
$function$;

comment on function stocksync.tg__pending__fold() is
    'Adds the changes deleted from _pending to quantity_on_hand and total_stock of their products.';

create or replace trigger _500_fold
    after delete on stocksync._pending
    referencing old table as old_rows
    for each statement
    execute function stocksync.tg__pending__fold();

comment on trigger _500_fold on stocksync._pending is
    'Applies what is taken out.';
