-- Settles what the trigger on the journal has not taken along, as after SET CONSTRAINTS ... IMMEDIATE.
-- Deferred triggers fire in the order of their rows, so as a rule it finds its row gone.

-- There is no "create or replace constraint trigger".
drop trigger if exists _500_settle on stocksync._unsettled;

create constraint trigger _500_settle
    after insert on stocksync._unsettled
    deferrable initially deferred
    for each row
    execute function stocksync._settle();

comment on trigger _500_settle on stocksync._unsettled is
    'Settles what the trigger on the journal has not taken along: statements after SET CONSTRAINTS ... IMMEDIATE.';
