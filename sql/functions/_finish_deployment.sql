-- The end of a deployment, in its transaction: who may do what, what is there now, who did it.

create or replace function stocksync._finish_deployment(p_version text, p_paths text[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_to_do text[] := '{}';
begin
    delete from stocksync.deployed_file as f where f.path <> all (p_paths);

    if to_regprocedure('stocksync.grant_roles()') is not null then
        v_to_do := array(select stocksync.grant_roles());
    end if;

    if v_to_do <> '{}' then
        raise warning 'roles are missing, and this user may not create them'
            using hint = format(
                'Have these run by one who may, then "stocksync migrate": %s',
                array_to_string(v_to_do, ' ')
            );
    end if;

    perform stocksync._record_objects();

    if to_regprocedure('stocksync._live_grants()') is not null then
        delete from stocksync.deployed_grant;
        insert into stocksync.deployed_grant (object, grantee, privilege)
        select g.object, g.grantee, g.privilege
        from stocksync._live_grants() as g
        where g.grantee in ('stocksync_app', 'stocksync_auditor', 'stocksync_operator', 'public');
    end if;

    insert into stocksync.installation (version, to_do) values (p_version, v_to_do)
    on conflict (only_row) do update
    set version = excluded.version,
        deployed_at = excluded.deployed_at,
        to_do = excluded.to_do;
end;
$function$;

comment on function stocksync._finish_deployment(text, text[]) is
    'Grants, stores fingerprints and who may do what, and records the version. Warns if roles are missing. p_paths are all files of this version; others are forgotten.';

revoke all on function stocksync._finish_deployment(text, text[]) from public;
