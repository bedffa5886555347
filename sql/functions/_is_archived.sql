-- Whether a movement that is not there was archived: what to tell whoever asks for it.

create or replace function stocksync._is_archived(p_movement_id bigint)
returns boolean
language sql
stable
security definer -- an application does not read the archives
set search_path = pg_catalog, pg_temp
as $function$
    select exists (
        select from stocksync.archives as a
        where a.restored_at is null and a.movement_ids @> p_movement_id
    );
$function$;

comment on function stocksync._is_archived(bigint) is
    'True if the movement is in an archive.';
