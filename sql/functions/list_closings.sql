-- The closings, as people ask for them.

create or replace function stocksync.list_closings()
returns table (
    closed_through date,
    state text,
    closed_at timestamptz,
    closed_by text,
    balances bigint,
    archived bigint,
    reopened_at timestamptz,
    reopened_by text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select
        c.closed_through,
        case
            when c.reopened_at is not null then 'reopened'
            when c.closed_at is null then 'waits for writers'
            else 'closed'
        end,
        c.closed_at,
        c.closed_by,
        (select count(*) from stocksync.snapshot_balances as b where b.snapshot_id = c.snapshot_id),
        (
            select sum(a.movements)::bigint
            from stocksync.archives as a
            where a.closing_id = c.id and a.restored_at is null
        ),
        c.reopened_at,
        c.reopened_by
    from stocksync.closings as c
    order by c.id desc;
$function$;

comment on function stocksync.list_closings() is
    'Every closing, the last first: its last day, whether it holds ("closed", "waits for writers", "reopened"), how many balances it keeps, how many of its movements are archived (null: none), and who did it when.';
