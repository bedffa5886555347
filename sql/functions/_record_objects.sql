-- Declares the database as it is now to be what was deployed. Whoever calls it has asked
-- stocksync.drift before, or it would bless what somebody else changed.
--
-- A file whose object is gone is forgotten, so that the next deployment runs it again.

create or replace function stocksync._record_objects(p_heal boolean default false)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    delete from stocksync.deployed_file as f
    using stocksync.drift as d
    where d.path = f.path
        and (d.state = 'missing' or (p_heal and d.state = 'changed'));

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

comment on function stocksync._record_objects(boolean) is
    'Stores the fingerprint of every object of stocksync. With p_heal, files of changed objects are forgotten too, so that the next "stocksync migrate" puts them back.';

revoke all on function stocksync._record_objects(boolean) from public;
