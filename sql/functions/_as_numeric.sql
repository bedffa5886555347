-- Reads a number somebody wrote, without an exception for what is none. Text of this pattern and
-- length cannot make the cast fail: no NaN, no Infinity, no more digits than numeric holds.

create or replace function stocksync._as_numeric(p_text text)
returns numeric
language sql
immutable
return case
    when pg_catalog.length(p_text) <= 100
        and p_text ~ '^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?$'
        then p_text::pg_catalog.numeric
end;

comment on function stocksync._as_numeric(text) is
    'The finite number that the text is, like "12", "-0.5" or "1e3"; null for any other text and for null.';
