-- Where movements went, as people ask for it.

create or replace function stocksync.list_archives()
returns table (
    archive_id bigint,
    closed_through date,
    movements bigint,
    file text,
    sha256 text,
    archived_at timestamptz,
    archived_by text,
    restored_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.id, c.closed_through, a.movements, a.file, a.sha256, a.archived_at, a.archived_by,
        a.restored_at
    from stocksync.archives as a
    join stocksync.closings as c on c.id = a.closing_id
    order by a.id desc;
$function$;

comment on function stocksync.list_archives() is
    'Every archive, the last first: the closing, how many movements went into which file, the checksum of that file before it was packed, who did it when, and when it was put back (null: not yet).';
