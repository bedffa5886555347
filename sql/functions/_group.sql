-- The group of a product: where a single product has to be told from others, but not from all.

create or replace function stocksync._group(p_product_id bigint)
returns integer
language sql
immutable
-- No SET: it stands in queries of the write path, which take it in whole.
return (p_product_id & 63)::integer;

comment on function stocksync._group(bigint) is
    'The last six bits of the number of a product: 0 to 63, as in stocksync._groups.';
