-- From when on the log must be read again to miss nothing of what was committed since the last look.
--
-- Neither numbers nor times are in the order of commits. An entry that was not yet visible at the
-- last look is of a transaction that was running then, or began later; so it is not older than that
-- transaction. The state keeps, of each running transaction, a look at which it had not begun.

create or replace function stocksync.follow_log(p_state jsonb default null)
returns jsonb
language plpgsql
volatile -- each statement sees what was committed before it
set search_path = pg_catalog, pg_temp
as $function$
declare
    -- An entry's time is taken before its row is written, which may be what begins the transaction.
    v_margin constant interval := '2 seconds';
    -- Nobody knows when those began that were running at the first look.
    v_reach constant interval := '10 minutes';
    -- Not a later clock: what is not yet running when the locks are read is younger.
    v_at constant timestamptz := statement_timestamp();
    v_last constant timestamptz := coalesce((p_state ->> 'at')::timestamptz, v_at - v_reach);
    v_running jsonb;
    v_since timestamptz;
begin
    if pg_is_in_recovery() then
        raise exception 'the log cannot be followed on a replica'
            using errcode = 'feature_not_supported',
                  detail = 'A replica does not know which transactions are running.',
                  hint = 'Follow it on the primary.';
    end if;

    -- 1. What runs now was not running at the last look, or was known then. By its lock, since a
    -- snapshot does not tell a transaction from one that begins later if none younger has ended.
    select coalesce(
        jsonb_object_agg(x.xid, coalesce(p_state #> array['running', x.xid], to_jsonb(v_last))),
        '{}'
    )
    into v_running
    from (
        -- the others of a transaction are its savepoints
        select distinct on (l.virtualtransaction) l.transactionid::text as xid
        from pg_locks as l
        where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted
        order by l.virtualtransaction, age(l.transactionid) desc
    ) as x;

    -- 2. What ran then and has ended may have left entries as old as itself.
    select least(v_last, min(r.value::timestamptz)) - v_margin into v_since
    from jsonb_each_text(p_state -> 'running') as r
    where not v_running ? r.key;

    return jsonb_build_object(
        'at', v_at,
        'running', v_running,
        'since', v_since,
        -- no later look will ask for anything older
        'oldest', least(v_at, (select min(r.value::timestamptz) from jsonb_each_text(v_running) as r))
            - v_margin
    );
end;
$function$;

comment on function stocksync.follow_log(jsonb) is
    'The state of a follower of the log, given the one before (null: the first): "since" is the time from which to read now, "oldest" that from which any later look may ask. Raises feature_not_supported on a replica.';
