-- Whether a product was found busy a moment ago, and is left alone.

create or replace function stocksync._is_hot(p_product_id bigint)
returns boolean
language sql
volatile
-- No SET: it is asked for each movement.
return exists (
    select from stocksync._hot as h
    where h.product_id = p_product_id and h.fold_at > clock_timestamp()
);

comment on function stocksync._is_hot(bigint) is
    'True until what waits for the product may be folded.';
