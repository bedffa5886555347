-- What could be sold: the question to ask before promising something to a customer. The answer holds
-- until somebody else buys: what decides is the insert.

create or replace function stocksync.available(
    p_product_id bigint,
    p_location_id bigint default null,
    p_on date default null
)
returns numeric
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_available numeric;
begin
    if (select p.tracks_batches from public.products as p where p.id = p_product_id) then
        select sum(b.quantity_remaining) into v_available
        from public.stock_batches as b
        cross join stocksync.settings as s
        where b.product_id = p_product_id
            and b.location_id is not distinct from p_location_id
            and b.is_open
            and b.status = 'active'
            and (
                b.expiry_date is null
                or s.expired_batches = 'last'
                or b.expiry_date >= coalesce(p_on, stocksync._shop_day())
            );
        return trim_scale(coalesce(v_available, 0));
    end if;

    select greatest(o.quantity_on_hand, 0) into v_available
    from public.stock_on_hand as o
    where o.product_id = p_product_id;

    if not found then
        raise exception 'product % does not exist', p_product_id
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    end if;
    return v_available;
end;
$function$;

comment on function stocksync.available(bigint, bigint, date) is
    'How many units a sale could take now. Of a product that tracks batches: what is left, at the place (as in a movement, null is the unnamed one), of batches that are not quarantined and not expired on p_on (null: today in the shop), or of expired ones too where settings.expired_batches is "last". Of other products: the quantity on hand at whatever place, zero where it is below, as no sale is refused for the place. What the transaction has not yet settled is not in it. Raises no_data_found for an unknown product.';
