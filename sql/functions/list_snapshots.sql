-- The snapshots that people took, as they ask for them; a closing has its own.

create or replace function stocksync.list_snapshots()
returns table (
    snapshot_id bigint,
    at timestamptz,
    known_at timestamptz,
    taken_by text,
    note text,
    balances bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.id, s.at, s.known_at, s.taken_by, s.note,
        (select count(*) from stocksync.snapshot_balances as b where b.snapshot_id = s.id)
    from stocksync.snapshots as s
    where not exists (select from stocksync.closings as c where c.snapshot_id = s.id)
    order by s.id desc;
$function$;

comment on function stocksync.list_snapshots() is
    'Every snapshot that does not belong to a closing, the last first: of which time, what was known when, by whom and why, and how many balances it holds.';
