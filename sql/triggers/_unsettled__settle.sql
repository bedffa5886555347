-- Settles what the trigger on the journal has not taken along, as after SET CONSTRAINTS ... IMMEDIATE.
-- Deferred triggers fire in the order of their rows, so as a rule it finds its row gone.

create or replace function stocksync.tg__unsettled__settle()
returns trigger
language plpgsql
security definer -- an application may not write stock
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- Looking at this row alone keeps a transaction of many statements from reading all its dead rows
    -- once per statement.
    if exists (select from stocksync._unsettled as u where u.xid = new.xid and u.id = new.id) then
        -- Triggers fire in the order of their rows: what is left begins with this one.
        perform stocksync._settle('{}', new.first_at, null, null, new.may_pend, new.id);
    end if;
    return null;
end;
$function$;

comment on function stocksync.tg__unsettled__settle() is
    'Applies to products what the transaction has captured from this row on. Raises what stocksync._settle() raises.';

-- There is no "create or replace constraint trigger".
drop trigger if exists _500_settle on stocksync._unsettled;

create constraint trigger _500_settle
    after insert on stocksync._unsettled
    deferrable initially deferred
    for each row
    execute function stocksync.tg__unsettled__settle();

comment on trigger _500_settle on stocksync._unsettled is
    'Settles what the trigger on the journal has not taken along: statements after SET CONSTRAINTS ... IMMEDIATE.';

-- Until 0.5.0 it was the trigger function of both tables.
drop function if exists stocksync._settle();
