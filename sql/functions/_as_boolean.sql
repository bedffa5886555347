-- Reads a boolean somebody wrote, without an exception for what is none.

create or replace function stocksync._as_boolean(p_text text)
returns boolean
language sql
immutable
return case
    when pg_catalog.lower(p_text) in ('true', 't', 'yes', 'y', 'on', '1') then true
    when pg_catalog.lower(p_text) in ('false', 'f', 'no', 'n', 'off', '0') then false
end;

comment on function stocksync._as_boolean(text) is
    'True or false as PostgreSQL writes them, in any case; null for any other text and for null.';
