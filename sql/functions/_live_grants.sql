-- Who may do what with the objects of stocksync, as the catalogs have it.

create or replace function stocksync._live_grants()
returns table (object text, grantee text, privilege text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with relation as (
        select c.oid, c.relkind, c.relowner, c.relacl,
            format(
                '%s %I.%I', case c.relkind when 'S' then 'sequence' else 'table' end,
                n.nspname, c.relname
            ) as object
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.oid in (
            select to_regclass(o.identity)
            from stocksync.live_object() as o
            where o.kind in ('table', 'view', 'materialized view')
            union all
            select d.objid
            from stocksync.live_object() as o
            join pg_depend as d
                on d.refobjid = to_regclass(o.identity) and d.refobjsubid > 0
                and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
            where o.kind = 'table'
        )
    ),
    entry (object, owner, acl, of_column) as (
        select r.object, r.relowner,
            coalesce(r.relacl, acldefault(
                (case r.relkind when 'S' then 's' else 'r' end)::"char", r.relowner
            )),
            ''
        from relation as r
        union all
        select r.object, r.relowner, a.attacl, format(' (%I)', a.attname)
        from relation as r
        join pg_attribute as a on a.attrelid = r.oid and a.attacl is not null
        union all
        select
            format(
                '%s %s', case p.prokind when 'p' then 'procedure' else 'function' end,
                p.oid::regprocedure
            ),
            p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)), ''
        from pg_proc as p
        where p.pronamespace = 'stocksync'::regnamespace
        union all
        select 'schema stocksync', n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner)), ''
        from pg_namespace as n
        where n.nspname = 'stocksync'
    )
    select e.object,
        case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee)::text end,
        lower(g.privilege_type) || e.of_column
    from entry as e
    cross join aclexplode(e.acl) as g
    where g.grantee <> e.owner

    union
    select format('role %I', r.rolname), m.rolname, 'member'
    from pg_auth_members as a
    join pg_roles as r on r.oid = a.roleid
    join pg_roles as m on m.oid = a.member
    where r.rolname in ('stocksync_app', 'stocksync_auditor', 'stocksync_operator')
        and m.rolname in ('stocksync_app', 'stocksync_auditor', 'stocksync_operator')
$function$;

comment on function stocksync._live_grants() is
    'Every privilege on an object of stocksync that somebody other than its owner has: in the words of GRANT, in lower case.';
