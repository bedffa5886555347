-- What stocksync.sync() would correct, asked the way it is asked.

create or replace function stocksync.sync_dry_run(
    p_product_id bigint default null,
    p_since timestamptz default null,
    p_force boolean default false
)
returns table (
    product_id bigint,
    sku text,
    name text,
    quantity_on_hand numeric,
    total_stock numeric,
    rolled_up numeric,
    ledger numeric,
    difference numeric,
    movements bigint,
    differs text[]
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync.check_scope(p_product_id, p_since);

    return query
    select d.*
    from stocksync.discrepancies(
        case when p_product_id is not null then array[p_product_id] end, p_since, p_force
    ) as d
    order by d.product_id;
end;
$function$;

comment on function stocksync.sync_dry_run(bigint, timestamptz, boolean) is
    'What stocksync.sync() with the same arguments would correct, of one snapshot; the columns are those of stocksync.discrepancies(). Changes nothing. Raises no_data_found for an unknown product, invalid_parameter_value for a time in the future.';
