-- What a restore starts from: the last balance before the date, so that as little as can be is left to
-- the movements; a closing or a snapshot; else nothing but the movements.

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
        select coalesce(
                'closing through ' || c.closed_through,
                format('snapshot %s', t.id) || coalesce(': ' || nullif(t.note, ''), '')
            ) as source,
            t.at, t.known_at, t.id,
            case when t.id = p_snapshot_id then 1 else 2 end as preference,
            c.id is not null as is_closing
        from stocksync.snapshots as t
        left join stocksync.closings as c on c.snapshot_id = t.id
        where t.id = p_snapshot_id or (t.at < p_from and t.is_complete and c.reopened_at is null)
        union all
        select 'movements', null, null, null, 3, false
    ) as s
    order by s.preference, s.at desc, s.is_closing desc, s.id desc
    limit 1;
end;
$function$;

comment on function stocksync.restore_source(timestamptz, bigint) is
    'What stocksync.restore() with these arguments starts from: the snapshot named, else the last closing or snapshot before p_from, else "movements" (at null): nothing is trusted but them. at and known_at: until when movements are in the balances, by when they occurred and were recorded (known_at null: whenever). Raises no_data_found for an unknown snapshot, invalid_parameter_value for a time in the future.';
