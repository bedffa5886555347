-- What a retry with the same idempotency key must say again, as one value: all that is kept of an
-- archived movement to compare with.

create or replace function stocksync._content_md5(
    p_product_id bigint,
    p_location_id bigint,
    p_transaction_type text,
    p_quantity numeric,
    p_unit_cost numeric,
    p_reference text,
    p_user_id text,
    p_notes text,
    p_metadata jsonb
)
returns text
language sql
immutable
return pg_catalog.md5(
    (p_product_id, p_location_id, p_transaction_type, pg_catalog.trim_scale(p_quantity),
     pg_catalog.trim_scale(p_unit_cost), p_reference, p_user_id, p_notes, p_metadata)::text
);

comment on function stocksync._content_md5(bigint, bigint, text, numeric, numeric, text, text, text, jsonb) is
    'Of the content of a movement, in hexadecimal: the same for 5 and 5.0.';
