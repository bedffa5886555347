-- People say what is printed on a batch where tables say a number. Of one place: the same batch at
-- another is another row.

create or replace function stocksync.batch_id(
    p_product_id bigint,
    p_batch_number text,
    p_location_id bigint default null
)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_sku constant text := (select p.sku from public.products as p where p.id = p_product_id);
    v_ids bigint[];
    v_detail text;
begin
    if p_product_id is null or p_batch_number is null then
        return null;
    end if;

    select array_agg(f.id),
        string_agg(
            format(
                'number %s with %s left%s%s', f.id, f.quantity_remaining,
                ', at a cost of ' || f.cost_price, ', expiring ' || to_char(f.expiry_date, 'YYYY-MM-DD')
            ),
            '; ' order by f.id
        )
    into v_ids, v_detail
    from stocksync._batches_at(p_product_id, p_batch_number, p_location_id) as f;

    if v_ids is null then
        raise exception 'there is no batch "%" of "%" at this place', p_batch_number, coalesce(v_sku, p_product_id::text)
            using errcode = 'no_data_found',
                  hint = 'List them with "stocksync batch list --sku SKU"; what is new comes in with "stocksync batch receive".';
    elsif cardinality(v_ids) > 1 then
        raise exception 'there are several batches "%" of "%" at this place', p_batch_number, v_sku
            using errcode = 'cardinality_violation',
                  detail = format('They are %s.', v_detail),
                  hint = 'Use the number of the batch instead: stocksync.record_count(..., p_batch_id => NUMBER).';
    end if;
    return v_ids[1];
end;
$function$;

comment on function stocksync.batch_id(bigint, text, bigint) is
    'The number of the batch of a product on which this is printed, at a place (null: the unnamed one): of those of which something is left, or else of the others. Raises no_data_found if there is none, cardinality_violation if there are several, of another cost or expiry date; null for null.';
