-- Names the advisory locks of stocksync. They share one number space with those of every other
-- program in the database, so a key is made of the whole name.

create or replace function stocksync._lock_key(p_name text)
returns bigint
language sql
immutable
strict
return pg_catalog.hashtextextended('stocksync.' || p_name, 0);

comment on function stocksync._lock_key(text) is
    'The key of the advisory lock of this name.';
