-- Archived movements are known by the day. Where single ones are asked for, the answer would be
-- wrong without a word.

create or replace function stocksync._refuse_archived(p_archive stocksync.archives)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
begin
    raise exception 'movements that tell this are archived'
        using errcode = 'SS006',
              detail = format('Movements before %s are in "%s"; their days are kept, single movements are not.',
                  p_archive.archived_before, p_archive.file),
              hint = 'Ask for the end of a day, or put them back with "stocksync archive --restore FILE".';
end;
$function$;

comment on function stocksync._refuse_archived(stocksync.archives) is
    'Raises SS006, naming the archive.';
