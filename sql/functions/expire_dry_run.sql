-- What stocksync.expire() would write off, asked the way it is asked.

create or replace function stocksync.expire_dry_run(p_product_id bigint default null)
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
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync.check_scope(p_product_id, null);

    return query
    select *
    from stocksync._expired_batches(
        case when p_product_id is not null then array[p_product_id] end
    );
end;
$function$;

comment on function stocksync.expire_dry_run(bigint) is
    'The batches with something left whose last day of sale is over, in the shop, of one product or of all: what stocksync.expire() would write off, its cost and value (null if the cost is unknown). Raises no_data_found for an unknown product.';
