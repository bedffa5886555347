-- The stock at a time, as accountants and whoever searches an error ask for it.

create or replace function stocksync.stock_as_of(
    p_at timestamptz,
    p_product_id bigint default null,
    p_location_id bigint default null,
    p_known_at timestamptz default null
)
returns table (product_id bigint, sku text, name text, quantity numeric)
language plpgsql
stable
security definer -- an application may not read the journal
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync.check_scope(p_product_id, null);
    if p_location_id is not null
        and not exists (select from public.locations as l where l.id = p_location_id)
    then
        raise exception 'location % does not exist', p_location_id
            using errcode = 'no_data_found',
                  hint = 'List the locations with: select * from locations.';
    end if;

    return query
    select p.id, p.sku, p.name, coalesce(u.quantity, 0)
    from public.products as p
    left join (
        select s.product_id, trim_scale(sum(s.quantity)) as quantity
        from stocksync._stock_at(
            case when p_product_id is not null then array[p_product_id] end, p_at, p_known_at
        ) as s
        where p_location_id is null or s.location_id = p_location_id
        group by s.product_id
    ) as u on u.product_id = p.id
    where (p_product_id is null or p.id = p_product_id)
        and (p_product_id is not null or not p.is_deleted or u.quantity <> 0)
    order by p.sku;
end;
$function$;

comment on function stocksync.stock_as_of(timestamptz, bigint, bigint, timestamptz) is
    'The stock, in units, of the movements that occurred until p_at, inclusive: of one product or of all, at one location or at all. p_known_at: as it was recorded until then ("what we were told by 3 May about 30 April"); null for all that is known now. A null p_at leaves nothing out. Raises no_data_found for an unknown product or location, SS006 where it needs movements that are archived. In a transaction that has written movements, call it after "set constraints all immediate".';
