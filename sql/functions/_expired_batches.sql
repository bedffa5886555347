-- What is past its date and still there. Dry and live run ask this one question.

create or replace function stocksync._expired_batches(p_product_ids bigint[])
returns table (
    product_id bigint,
    sku text,
    name text,
    batch_id bigint,
    batch_number text,
    location text,
    expiry_date date,
    quantity numeric,
    cost_price numeric,
    value numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p.id, p.sku, p.name, b.id, b.batch_number, l.name, b.expiry_date,
        trim_scale(b.quantity_remaining), b.cost_price,
        trim_scale(b.quantity_remaining * b.cost_price)
    from public.stock_batches as b
    join public.products as p on p.id = b.product_id
    left join public.locations as l on l.id = b.location_id
    where (p_product_ids is null or b.product_id = any (p_product_ids))
        and b.is_open
        and b.status <> 'retired'
        and b.expiry_date < stocksync._shop_day()
    order by p.sku, b.expiry_date, b.id;
$function$;

comment on function stocksync._expired_batches(bigint[]) is
    'The batches of these products (null: of all) whose last day of sale is over, quarantined or not, with what remains of them.';
