-- What is in stock and in no batch: of a product that does not track batches yet, all there is. What
-- switching it on does is to make batches of these.

create or replace function stocksync.opening_batches(p_product_ids bigint[] default null)
returns table (
    product_id bigint,
    sku text,
    name text,
    location_id bigint,
    location text,
    quantity numeric,
    cost_price numeric
)
language plpgsql
stable
-- one product and all of them are different plans
set plan_cache_mode = force_custom_plan
set search_path = pg_catalog, pg_temp
as $function$
begin
    return query
    select p.id, p.sku, p.name, u.location_id, l.name, trim_scale(sum(u.quantity)), p.unit_cost
    from (
        select s.product_id, s.location_id, s.quantity
        from stocksync.stock_by_location as s
        where p_product_ids is null or s.product_id = any (p_product_ids)
        union all
        select b.product_id, b.location_id, -b.quantity_remaining
        from public.stock_batches as b
        where b.is_open
            and b.status <> 'retired'
            and (p_product_ids is null or b.product_id = any (p_product_ids))
    ) as u
    join public.products as p on p.id = u.product_id
    left join public.locations as l on l.id = u.location_id
    -- as stocksync.track_batches() understands all
    where p_product_ids is not null or p.tracks_batches or not p.is_deleted
    group by p.id, p.sku, p.name, u.location_id, l.name, p.unit_cost
    having sum(u.quantity) <> 0
    order by p.sku, l.name nulls first;
end;
$function$;

comment on function stocksync.opening_batches(bigint[]) is
    'What is in stock at each place and in no batch, for these products (null: all; of those that are deleted only such as track batches): for a product that does not track batches, the opening batches that it would begin with; for one that does, nothing, or what is wrong. Below zero, the product cannot begin to track batches: count it first.';
