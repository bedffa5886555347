-- What a retry with the same idempotency key must say again, as one value: all that is kept of an
-- archived movement to compare with. Of a movement that says nothing of a batch it is what it was
-- before movements could: what is archived is not computed again.

-- Until 0.3.0 it had nine arguments. Here and not in a migration, so that no writer misses it: what is
-- deployed is one transaction.
drop function if exists stocksync._content_md5(bigint, bigint, text, numeric, numeric, text, text, text, jsonb);

create or replace function stocksync._content_md5(
    p_product_id bigint,
    p_location_id bigint,
    p_transaction_type text,
    p_quantity numeric,
    p_unit_cost numeric,
    p_reference text,
    p_user_id text,
    p_notes text,
    p_metadata jsonb,
    p_batch_id bigint default null,
    p_batch_number text default null,
    p_expiry_date date default null
)
returns text
language sql
immutable
return pg_catalog.md5(
    (p_product_id, p_location_id, p_transaction_type, pg_catalog.trim_scale(p_quantity),
     pg_catalog.trim_scale(p_unit_cost), p_reference, p_user_id, p_notes, p_metadata)::text
    || case when pg_catalog.num_nonnulls(p_batch_id, p_batch_number, p_expiry_date) > 0
        -- a number, because how a date is written is a setting of the session
        then (p_batch_id, p_batch_number, extract(epoch from p_expiry_date))::text
        else ''
    end
);

comment on function stocksync._content_md5(bigint, bigint, text, numeric, numeric, text, text, text, jsonb, bigint, text, date) is
    'Of the content of a movement, in hexadecimal: the same for 5 and 5.0.';
