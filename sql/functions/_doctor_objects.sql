-- Tells whether what was deployed is there, as it was deployed.

create or replace function stocksync._doctor_objects()
returns table (check_name text, status text, detail text, cure text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select
        'installation',
        case when i.version is null then 'failure' else 'ok' end,
        coalesce(
            'deployed by stocksync ' || i.version, 'a deployment has begun and not ended'
        ),
        case when i.version is null then 'Run `stocksync migrate`.' end
    from (values (true)) as v (only_row)
    left join stocksync.installation as i using (only_row)

    union all
    select
        'roles',
        'warning',
        'roles are missing, and the user who deployed may not create them',
        format('Have it run: %s Then run `stocksync migrate`.', array_to_string(i.to_do, ' '))
    from stocksync.installation as i
    where i.to_do <> '{}'

    union all
    select
        case d.kind when 'trigger' then 'triggers' else 'objects' end,
        'failure',
        format('%s %s is %s', d.kind, d.identity, coalesce(t.state, d.state)),
        case
            when d.state = 'extra' then
                'Drop it, or accept it with `stocksync migrate --force`.'
            when d.path is not null then
                'Put it back with `stocksync migrate --force`.'
            else
                'Undo it by hand, or accept it with `stocksync migrate --force`.'
        end
    from stocksync.drift as d
    left join lateral (
        select 'disabled' as state
        from pg_trigger as t
        join pg_class as c on c.oid = t.tgrelid
        join pg_namespace as n on n.oid = c.relnamespace
        where t.tgenabled = 'D'
            and d.kind = 'trigger'
            and d.identity = format('%I on %I.%I', t.tgname, n.nspname, c.relname)
    ) as t on true

    union all
    select 'triggers', 'ok', format('all %s are there, enabled and unchanged', count(*)), null
    from stocksync.deployed_object as d
    where d.kind = 'trigger'
    having not exists (select from stocksync.drift as x where x.kind = 'trigger')

    union all
    select
        'indexes',
        'failure',
        format('index %s is invalid: building it was interrupted', i.indexrelid::regclass),
        format(
            'Run `drop index concurrently %s`, then `stocksync migrate --force`.',
            i.indexrelid::regclass
        )
    from pg_index as i
    where not i.indisvalid
        and i.indexrelid::regclass::text in (
            select l.identity from stocksync.live_object() as l where l.kind = 'index'
        )

    union all
    select 'objects', 'ok', format('all %s are as deployed', count(*)), null
    from stocksync.deployed_object as d
    where d.kind <> 'trigger'
    having not exists (select from stocksync.drift as x where x.kind <> 'trigger')
$function$;

comment on function stocksync._doctor_objects() is
    'The part of stocksync.doctor() that looks at the installation and its objects.';
