-- What a run wrote off, in the shape of its dry run.

create or replace function stocksync.expired(p_run_id bigint)
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
        trim_scale(m.quantity), m.unit_cost, trim_scale(m.quantity * m.unit_cost)
    from stocksync.runs as r
    cross join unnest(r.movement_ids) as i
    join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
    join public.stock_batches as b on b.id = m.batch_id
    join public.products as p on p.id = m.product_id
    left join public.locations as l on l.id = m.location_id
    where r.id = p_run_id and r.command = 'expire'
    order by p.sku, b.expiry_date, b.id;
$function$;

comment on function stocksync.expired(bigint) is
    'What this run of stocksync.expire() wrote off, batch by batch, at the cost of then. Nothing for another run, and nothing of movements that are archived.';
