-- Tells what is worth another try. Anything else would fail the same way again, or, like a
-- timeout, take as long again.

create or replace function stocksync._may_pass(p_sqlstate text)
returns boolean
language sql
immutable
return coalesce(
    p_sqlstate ~ '^08'                          -- connection trouble
    or p_sqlstate in (
        '57P01', '57P02', '57P03',              -- the server is being shut down or started
        '40001', '40P01', '55P03', '55006'      -- another transaction, or refresh, was in the way
    ),
    true                                        -- no word from the server: a lost connection
);

comment on function stocksync._may_pass(text) is
    'True if a job that failed with this SQLSTATE may go well when tried again; null stands for a lost worker or connection.';
