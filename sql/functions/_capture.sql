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

-- Until 0.2.0 it had one argument, until 0.3.0 two, until 0.5.0 four. Here and not in a migration, so
-- that no writer misses it: what is deployed is one transaction.
drop function if exists stocksync._capture(stocksync._line[]);
drop function if exists stocksync._capture(stocksync._line[], timestamptz);
drop function if exists stocksync._capture(stocksync._line[], timestamptz, bigint[], bigint[]);

create or replace function stocksync._capture(
    p_lines stocksync._line[],
    p_first_at timestamptz default '-infinity',
    p_booked_ids bigint[] default null,
    p_unbooked_ids bigint[] default null,
    p_may_pend boolean default false
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_captured text;
begin
    if p_lines is null then
        return false;
    end if;

    -- An older snapshot counts in the days of a time zone, and in the directions of types, that may
    -- have changed since, or dates movements where the ledger has been closed since: then the lock
    -- raises serialization_failure. Only a row that somebody has updated or locked has an xmax, so
    -- that as a rule nothing is locked. A change under way is skipped: it waits for this statement's
    -- lock on stock_movements, and sees these rows then.
    if current_setting('transaction_isolation') <> 'read committed' then
        perform from stocksync.settings as s where s.xmax <> 0 for share skip locked;

        perform from stocksync._closed as c where c.xmax <> 0 for share skip locked;

        perform from public.transaction_types as t
        where t.xmax <> 0
            and t.name in (select l.transaction_type from unnest(p_lines) as l)
        for share skip locked;
    end if;

    v_captured := coalesce(current_setting('stocksync.captured', true), '');
    -- An assignment, because PERFORM would be a query of its own.
    v_captured := set_config(
        'stocksync.captured', case v_captured when '' then 'one' else 'more' end, true
    );
    if v_captured = 'one' then
        insert into stocksync._journal (lines, first_at, booked_ids, unbooked_ids, may_pend)
        values (p_lines, p_first_at, p_booked_ids, p_unbooked_ids, p_may_pend);
    else
        insert into stocksync._unsettled (lines, first_at, booked_ids, unbooked_ids, may_pend)
        values (p_lines, p_first_at, p_booked_ids, p_unbooked_ids, p_may_pend);
    end if;
    return true;
end;
$function$;

comment on function stocksync._capture(stocksync._line[], timestamptz, bigint[], bigint[], boolean) is
    'Takes what one statement changed, and the earliest moment of which it did, for settle to apply at commit; of products that track batches, the movements that it wrote and those that it changed or deleted; and whether any of its products need not be waited for. Returns whether it changed anything; null lines are nothing.';
