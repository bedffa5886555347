-- What one job must do so that it does what two were asked for: the earlier time, no time being the
-- earliest, and the deeper comparison. Both are about the same product, or about all.

create or replace function stocksync._merge_arguments(p_one jsonb, p_other jsonb)
returns jsonb
language sql
stable
return pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
    'product_id', p_one -> 'product_id',
    'since', case
        when p_one ? 'since' and p_other ? 'since'
            then least((p_one ->> 'since')::timestamptz, (p_other ->> 'since')::timestamptz)
    end,
    'force', coalesce(p_one -> 'force', p_other -> 'force')
));

comment on function stocksync._merge_arguments(jsonb, jsonb) is
    'The arguments of one job in place of two of the same subject.';
