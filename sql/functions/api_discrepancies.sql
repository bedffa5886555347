create or replace function stocksync.api_discrepancies(
    p_reading_id bigint,
    p_product_ids bigint[] default null
)
returns table (
    product_id bigint, api_id text, api numeric, api_status text, class text, reason jsonb
)
language sql stable
as $function$
    select null::bigint, null::text, null::numeric, null::text, null::text, null::jsonb where false;
$function$;
comment on function stocksync.api_discrepancies(bigint, bigint[]) is 'Stub until the branch of the API is merged.';
