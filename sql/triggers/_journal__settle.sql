-- Settles a transaction at its end, starting from what its first statement captured.

-- There is no "create or replace constraint trigger".
drop trigger if exists _500_settle on stocksync._journal;

create constraint trigger _500_settle
    after insert on stocksync._journal
    deferrable initially deferred
    for each row
    execute function stocksync._settle();

comment on trigger _500_settle on stocksync._journal is
    'Settles the transaction at its end, from the first statement''s own row.';
