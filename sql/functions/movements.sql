-- The movements of a product, as people ask for them.

create or replace function stocksync.movements(p_sku text, p_limit bigint default null)
returns table (
    movement_id bigint,
    occurred_at timestamptz,
    transaction_type text,
    quantity numeric,
    location text,
    batch text,
    reference text,
    reverses_id bigint,
    user_id text,
    notes text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select m.id, m.occurred_at, m.transaction_type,
        trim_scale(case m.movement_type when 'in' then m.quantity else -m.quantity end),
        l.name,
        (
            select string_agg(distinct b.batch_number, ', ' order by b.batch_number)
            from stocksync._movement_batches(m.id) as d
            join public.stock_batches as b on b.id = d.batch_id
        ),
        m.reference, m.reverses_id, m.user_id, m.notes
    from public.stock_movements as m
    left join public.locations as l on l.id = m.location_id
    where m.product_id = stocksync.product_id(p_sku)
    order by m.occurred_at desc, m.id desc
    limit p_limit;
$function$;

comment on function stocksync.movements(text, bigint) is
    'The movements of a product, newest first, at most p_limit of them (null: all). quantity is signed: in is positive. batch is what is printed on the batches that it brought or took, null where none. Raises no_data_found for an unknown sku.';
