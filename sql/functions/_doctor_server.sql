-- Tells whether busy tables stay small. Each movement that settles leaves a dead version of its
-- product's row: where vacuum cannot remove them, every later one must step over them.

create or replace function stocksync._doctor_server()
returns table (check_name text, status text, detail text, cure text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with vacuum_finding (detail, cure) as (
        select
            'autovacuum is off', 'Run `alter system set autovacuum = on; select pg_reload_conf();`.'
        where current_setting('autovacuum') = 'off'

        union all
        select
            format('autovacuum is off for %s', c.oid::regclass),
            format('Run `alter table %s reset (autovacuum_enabled);`.', c.oid::regclass)
        from pg_class as c
        cross join pg_options_to_table(c.reloptions) as o
        where c.oid in (
                'public.products'::regclass, 'stocksync._unsettled'::regclass,
                'stocksync._journal'::regclass, 'stocksync._pending'::regclass,
                'stocksync.stock_daily'::regclass, 'stocksync.stock_total'::regclass,
                'stocksync.jobs'::regclass
            )
            and o.option_name = 'autovacuum_enabled'
            and not o.option_value::boolean
    ),
    -- Others' sessions show an auditor no times, only how far they hold vacuum back.
    transaction_finding (detail, cure) as (
        select
            format(
                'process %s (%s) %s', a.pid,
                coalesce(nullif(a.application_name, ''), a.backend_type, '?'),
                case
                    when a.xact_start is null then
                        format('holds vacuum back by %s transactions', h.age)
                    else format(
                        'has a transaction open since %s',
                        to_char(a.xact_start, 'YYYY-MM-DD HH24:MI TZH:TZM')
                    )
                end
            ),
            format('End it: `select pg_terminate_backend(%s);`.', a.pid)
        from pg_stat_activity as a
        cross join lateral (select age(coalesce(a.backend_xmin, a.backend_xid)) as age) as h
        where a.pid <> pg_backend_pid()
            and (a.datname = current_database() or a.datname is null)
            and case
                when a.xact_start is null then h.age > 100000
                else h.age is not null
                    and a.xact_start < clock_timestamp() - interval '10 minutes'
            end

        union all
        select
            format(
                'transaction "%s" is prepared since %s and not ended', x.gid,
                to_char(x.prepared, 'YYYY-MM-DD HH24:MI TZH:TZM')
            ),
            format('Run `commit prepared %1$L;` or `rollback prepared %1$L;`.', x.gid)
        from pg_prepared_xacts as x
        where x.database = current_database()
            and x.prepared < clock_timestamp() - interval '10 minutes'

        union all
        select
            format(
                'replication slot "%s" holds vacuum back by %s transactions', s.slot_name,
                age(s.xmin)
            ),
            format(
                'Let its replica catch up, or run `select pg_drop_replication_slot(%L);`.',
                s.slot_name
            )
        from pg_replication_slots as s
        where age(s.xmin) > 100000
    )

    select 'vacuum', 'warning', f.detail, f.cure from vacuum_finding as f
    union all
    select 'vacuum', 'ok', 'autovacuum is on for every busy table', null
    where not exists (select from vacuum_finding)

    union all
    select 'transactions', 'warning', f.detail, f.cure from transaction_finding as f
    union all
    select 'transactions', 'ok', 'none holds vacuum back', null
    where not exists (select from transaction_finding)
$function$;

comment on function stocksync._doctor_server() is
    'The part of stocksync.doctor() that looks at vacuum and what holds it back.';
