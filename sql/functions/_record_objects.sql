-- Declares the database as it is now to be what was deployed. Whoever calls it has asked
-- stocksync.drift before, or it would bless what somebody else changed.

create or replace function stocksync._record_objects()
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    merge into stocksync.deployed_object as d
    using stocksync.live_object() as l on d.kind = l.kind and d.identity = l.identity
    when matched and (d.md5, d.path) is distinct from (l.md5, l.path) then
        update set md5 = l.md5, path = l.path
    when not matched then
        insert (kind, identity, md5, path) values (l.kind, l.identity, l.md5, l.path);

    delete from stocksync.deployed_object as d
    where not exists (
        select from stocksync.live_object() as l where l.kind = d.kind and l.identity = d.identity
    );
$function$;

comment on function stocksync._record_objects() is
    'Stores the fingerprint of every object of stocksync, for stocksync.drift to compare with.';

revoke all on function stocksync._record_objects() from public;
