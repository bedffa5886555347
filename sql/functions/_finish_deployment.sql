-- The end of a deployment, in its transaction: who may do what, what is there now, who did it.

create or replace function stocksync._finish_deployment(p_version text, p_paths text[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    delete from stocksync.deployed_file as f where f.path <> all (p_paths);

    if to_regprocedure('stocksync.grant_roles()') is not null then
        perform stocksync.grant_roles();
    end if;

    perform stocksync._record_objects();

    insert into stocksync.installation (version) values (p_version)
    on conflict (only_row) do update
    set version = excluded.version,
        deployed_at = excluded.deployed_at;
end;
$function$;

comment on function stocksync._finish_deployment(text, text[]) is
    'Grants, stores fingerprints and records the version. p_paths are all files of this version; others are forgotten.';

revoke all on function stocksync._finish_deployment(text, text[]) from public;
