-- Hands over to settle, which runs once at commit, what one statement changed. Every way a movement
-- can change comes through here, so the sums of all captures are the ledger.
--
-- The first statement of a transaction writes the journal row that has to be written anyway, and
-- the deferred trigger on it settles from its own row: no second table is touched or read. That is
-- what most transactions are, and what SERIALIZABLE needs. Later statements go to _unsettled, so
-- that all products of the transaction are locked in one order and each is updated once, however
-- many statements touched it.
--
-- The setting stocksync.captured (one, more) only says which place is better, for this transaction
-- and its live savepoints. Whatever a session makes of it, the trigger on each row settles that row
-- exactly once; at worst products are locked out of order.

create or replace function stocksync._capture(p_lines stocksync._line[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_lines is null then
        return;
    elsif coalesce(current_setting('stocksync.captured', true), '') = '' then
        perform set_config('stocksync.captured', 'one', true);
        insert into stocksync._journal (lines) values (p_lines);
    else
        perform set_config('stocksync.captured', 'more', true);
        insert into stocksync._unsettled (lines) values (p_lines);
    end if;
end;
$function$;

comment on function stocksync._capture(stocksync._line[]) is
    'Takes what one statement changed, for settle to apply at commit. Null or nothing is nothing.';
