-- Anybody can make a temporary table, or a view, of any name. What is read with the rights of the
-- owner must be the owner's own table.

create or replace function stocksync._check_staged()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    if not exists (
        select from pg_class as c
        where c.oid = to_regclass('pg_temp.stocksync_archive')
            and c.relkind = 'r'
            and c.relowner = (select r.oid from pg_roles as r where r.rolname = current_user)
    ) then
        raise exception 'no archive has been read back'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'In one transaction: select stocksync.stage_archive(), copy the file, then call this.';
    end if;
end;
$function$;

comment on function stocksync._check_staged() is
    'Raises object_not_in_prerequisite_state unless stocksync.stage_archive() made the temporary table.';
