-- Opens the record of an audit. One of some products says how many: it tells nothing of the others.

create or replace function stocksync._start_audit(
    p_product_ids bigint[],
    p_reading_id bigint,
    p_deep boolean,
    p_fix_run_id bigint default null
)
returns bigint
language plpgsql
volatile
security definer -- nobody writes runs by hand
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- what a fix touched may be gone for good
    if p_fix_run_id is null then
        perform stocksync._check_products(p_product_ids);
    end if;

    return stocksync._start_run(
        'audit',
        null,
        null,
        null,
        jsonb_build_object(
            'products', cardinality(p_product_ids),
            'product_id', case when cardinality(p_product_ids) = 1 then p_product_ids[1] end,
            'reading', p_reading_id,
            'deep', nullif(p_deep, false),
            'fix', p_fix_run_id
        )
    );
end;
$function$;

comment on function stocksync._start_audit(bigint[], bigint, boolean, bigint) is
    'Records the start of an audit of these products (null: all) and returns its number; p_fix_run_id is the fix that it looks at afterwards. Raises no_data_found for an unknown product.';
