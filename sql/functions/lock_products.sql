-- A transaction that updates products itself and then writes movements takes its locks in another
-- order than settle does. Taking them all first, in settle's order, is the remedy. Of a product in
-- escrow that is every slot as well.

create or replace function stocksync.lock_products(p_product_ids bigint[])
returns void
language plpgsql
volatile
security definer -- takes slots back, which nobody does by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    r record;
begin
    if not exists (
        select from public.products as p
        where p.id = any (p_product_ids) and p.contention = 'escrow'
    ) then
        perform from public.products as p
        where p.id = any (p_product_ids)
        order by p.id
        for no key update;
        return;
    end if;

    for r in
        select p.id, p.contention = 'escrow' as is_escrow
        from public.products as p
        where p.id = any (p_product_ids)
        order by p.id
    loop
        if r.is_escrow then
            perform stocksync._take_whole(r.id);
        else
            perform from public.products as p where p.id = r.id for no key update;
        end if;
    end loop;
end;
$function$;

comment on function stocksync.lock_products(bigint[]) is
    'Locks these products until the end of the transaction, in the order in which stock is settled. For transactions that update products before they insert movements.';
