-- As much of a report as is about these products: a chunk of a fix reads no more.

create or replace function stocksync._report_of(p_report jsonb, p_product_ids bigint[])
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_set(p_report, '{findings}', coalesce(jsonb_agg(f), '[]'))
    from jsonb_array_elements(p_report -> 'findings') as f
    where (f ->> 'product_id')::bigint = any (p_product_ids);
$function$;

comment on function stocksync._report_of(jsonb, bigint[]) is
    'The report with the findings of these products only; null for null.';
