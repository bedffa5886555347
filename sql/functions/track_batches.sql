-- Lets products track batches, or no longer: what happens then is the business of the trigger on
-- products.tracks_batches, which an application may update as well.

create or replace function stocksync.track_batches(
    p_product_ids bigint[] default null,
    p_on boolean default true
)
returns table (product_id bigint, sku text, name text, quantity_on_hand numeric)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
#variable_conflict use_column
declare
    v_ids bigint[];
begin
    perform stocksync.check_scope(i, null) from unnest(p_product_ids) as i;

    v_ids := array(
        select p.id
        from public.products as p
        where (p.id = any (p_product_ids) or p_product_ids is null and not p.is_deleted)
            and p.tracks_batches <> p_on
    );
    -- For each product its opening batches are asked for, which reads the journal: short as a rule,
    -- long after an import.
    perform stocksync.roll_up();
    perform stocksync.lock_products(v_ids);

    return query
    with changed as (
        update public.products as p
        set tracks_batches = p_on
        where p.id = any (v_ids) and p.tracks_batches <> p_on
        returning p.id
    )
    select s.product_id, s.sku, s.name, s.quantity_on_hand
    from changed as c
    join public.stock_on_hand as s on s.product_id = c.id
    order by s.sku;
end;
$function$;

comment on function stocksync.track_batches(bigint[], boolean) is
    'Switches the tracking of batches on, or off, for these products or for all that are not deleted (null); returns those for which it changed. On: what is there becomes an opening batch at each place, as stocksync.opening_batches() says. Off: their batches are retired. The same as an update of products.tracks_batches. Raises no_data_found for an unknown product, SS001 where its stock is below zero at a place.';
