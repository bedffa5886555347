-- Products are locked by groups where one of them is settled whole: as many locks as there are products
-- in a statement would not fit the server's table of locks.

create or replace function stocksync._group_key(p_group integer)
returns bigint
language sql
immutable
return stocksync._lock_key('group ' || p_group);

comment on function stocksync._group_key(integer) is
    'The key of the advisory lock of this group of products: see stocksync._group().';
