-- Tells whether the three roles have what they were granted at the last deployment, and whether
-- somebody else may write what is derived or recorded.

create or replace function stocksync._doctor_privileges()
returns table (check_name text, status text, detail text, cure text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with live as (
        select g.*,
            g.grantee in (
                'stocksync_app', 'stocksync_auditor', 'stocksync_operator', 'public'
            ) as is_ours
        from stocksync._live_grants() as g
    ),
    finding (detail, cure) as (
        select
            format(
                '%s has lost %s privileges: %s%s', d.grantee, count(*),
                string_agg(format('%s on %s', d.privilege, d.object), ', ' order by d.position)
                    filter (where d.position <= 3),
                case when count(*) > 3 then ', …' end
            ),
            'Run `select stocksync.grant_roles();` as the owner.'
        from (
            select w.*,
                row_number() over (partition by w.grantee order by w.object, w.privilege)
                    as position
            from stocksync.deployed_grant as w
            where not exists (
                select
                from live as l
                where l.object = w.object and l.grantee = w.grantee and l.privilege = w.privilege
            )
        ) as d
        group by d.grantee

        union all
        select
            case l.privilege
                when 'member' then format('%s is a member of %s', l.grantee, l.object)
                else format('%s may %s %s', l.grantee, l.privilege, l.object)
            end,
            case l.privilege
                when 'member' then format(
                    'Run `revoke %s from %s;`.', substr(l.object, length('role ') + 1), l.grantee
                )
                else format(
                    'Run `revoke %s on %s from %s;`.', l.privilege, l.object,
                    case l.grantee when 'public' then 'public' else quote_ident(l.grantee) end
                )
            end
        from live as l
        where case
            when l.is_ours then
                -- who else may read is for the administrator to say
                l.privilege !~ '^(select|usage)\M' and not exists (
                    select
                    from stocksync.deployed_grant as d
                    where d.object = l.object and d.grantee = l.grantee
                        and d.privilege = l.privilege
                )
            else
                l.privilege ~ '^(insert|update|delete|truncate|trigger)\M'
                and l.object like 'table stocksync.%'
                -- what people set is not derived
                and l.object not in ('table stocksync.settings', 'table stocksync.schedules')
        end
    )

    select 'privileges', 'failure', f.detail, f.cure from finding as f
    union all
    select
        'privileges', 'ok',
        'the roles may do what they were granted, and nobody else writes what is derived', null
    where not exists (select from finding)
$function$;

comment on function stocksync._doctor_privileges() is
    'The part of stocksync.doctor() that looks at who may do what.';
