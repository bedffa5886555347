-- How movements of a product settle: what it says, or else the settings, as far as its rules allow.

create or replace function stocksync._settles_as(
    p_product public.products,
    p_settings stocksync.settings
)
returns text
language sql
immutable
-- No SET, and no STRICT: it stands in queries of the write path, which take it in whole.
return case
    when p_product.tracks_batches then 'batches'
    when coalesce(p_product.contention, p_settings.contention) = 'wait' then 'wait'
    when coalesce(p_product.allow_negative, p_settings.allow_negative) then 'never_wait'
    when p_product.contention = 'escrow' then 'escrow'
    else 'wait'
end;

comment on function stocksync._settles_as(public.products, stocksync.settings) is
    '"wait", "never_wait" or "escrow"; "batches" for a product that tracks batches, which waits, too.';
