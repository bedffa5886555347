-- What a restore starts from: the balance that can be trusted most. A closing, because nothing was
-- added to it since; else a snapshot; else the movements themselves.

create or replace function stocksync.restore_source(
    p_from timestamptz,
    p_snapshot_id bigint default null
)
returns table (source text, at timestamptz, known_at timestamptz, snapshot_id bigint, balances bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_snapshot_id is not null
        and not exists (select from stocksync.snapshots as s where s.id = p_snapshot_id)
    then
        raise exception 'snapshot % does not exist', p_snapshot_id
            using errcode = 'no_data_found',
                  hint = 'List the snapshots with "stocksync snapshot --list".';
    end if;
    perform stocksync.check_scope(null, p_from);

    return query
    select s.source, s.at, nullif(s.known_at, 'infinity'), s.id,
        (select count(*) from stocksync.snapshot_balances as b where b.snapshot_id = s.id)
    from (
        select format('snapshot %s', t.id) || coalesce(nullif(': ' || t.note, ': '), '') as source,
            t.at, t.known_at, t.id, 1 as preference
        from stocksync.snapshots as t
        where t.id = p_snapshot_id
        union all
        select format('closing through %s', c.closed_through), t.at, t.known_at, t.id, 2
        from stocksync.closings as c
        join stocksync.snapshots as t on t.id = c.snapshot_id
        where c.reopened_at is null and c.closed_before <= p_from
        union all
        select format('snapshot %s', t.id) || coalesce(nullif(': ' || t.note, ': '), ''),
            t.at, t.known_at, t.id, 3
        from stocksync.snapshots as t
        where t.at < p_from
            and not exists (select from stocksync.closings as c where c.snapshot_id = t.id)
        union all
        select 'movements', null, null, null, 4
    ) as s
    order by s.preference, s.at desc, s.id desc
    limit 1;
end;
$function$;

comment on function stocksync.restore_source(timestamptz, bigint) is
    'What stocksync.restore() with these arguments starts from: the snapshot named, else the last closing before p_from, else the last snapshot before it, else "movements" (at null): nothing is trusted but them. at and known_at: until when movements are in the balances, by when they occurred and were recorded (known_at null: whenever). Raises no_data_found for an unknown snapshot, invalid_parameter_value for a time in the future.';
