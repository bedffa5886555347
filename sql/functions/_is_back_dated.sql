-- A clock of the application's that is slightly slow dates nothing back.

create or replace function stocksync._is_back_dated(p_at timestamptz)
returns boolean
language sql
stable
return p_at < now() - interval '1 minute';

comment on function stocksync._is_back_dated(timestamptz) is
    'True for a moment more than a minute before the transaction.';
