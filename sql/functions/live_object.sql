-- Fingerprints everything stocksync owns in this database. Two databases with equal rows behave
-- alike; a row that differs from stocksync.deployed_object was changed by somebody else.
--
-- What an administrator may tune without changing what is computed is left out: owners, grants,
-- storage and autovacuum parameters, comments. Names are deparsed under the pinned path, else the
-- text would depend on who asks.

create or replace function stocksync.live_object()
returns table (kind text, identity text, md5 text, path text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with relation as (
        select
            c.oid,
            c.relkind,
            c.relname,
            format('%I.%I', n.nspname, c.relname) as identity,
            case c.relkind
                when 'v' then 'views/' || c.relname || '.sql'
                when 'm' then 'materialized_views/' || c.relname || '.sql'
            end as path,
            concat_ws(
                ' ', c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
                case when c.relkind in ('v', 'm') then c.reloptions::text end,
                case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end
            ) as definition
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'f', 'c', 'v', 'm')
            and (
                -- yoyo's tables are yoyo's to change
                (n.nspname = 'stocksync' and c.relname !~ '^_?yoyo_')
                or (
                    n.nspname = 'public'
                    and (
                        c.relname in (
                            'products', 'stock_movements', 'transaction_types', 'locations',
                            'stock_batches', 'batch_receipts', 'batch_consumptions'
                        )
                        or exists (
                            select
                            from stocksync.deployed_file as f
                            where f.path in (
                                'views/' || c.relname || '.sql',
                                'materialized_views/' || c.relname || '.sql'
                            )
                        )
                    )
                )
            )
    ),

    object (kind, identity, definition, path) as (
        select
            case r.relkind
                when 'v' then 'view'
                when 'm' then 'materialized view'
                when 'c' then 'type'
                else 'table'
            end,
            r.identity,
            r.definition,
            r.path
        from relation as r

        union all
        select
            'column',
            format('%s.%I', r.identity, a.attname),
            concat_ws(
                ' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                a.attgenerated, nullif(a.attcollation, 0)::regcollation,
                pg_get_expr(d.adbin, d.adrelid)
            ),
            null
        from relation as r
        join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where r.relkind in ('r', 'p', 'f', 'c')

        union all
        select
            'constraint',
            format('%I on %s', o.conname, r.identity),
            -- "disable trigger all" silences a foreign key and leaves its definition as it was
            concat_ws(' ', pg_get_constraintdef(o.oid), exists (
                select from pg_trigger as t where t.tgconstraint = o.oid and t.tgenabled <> 'O'
            )),
            null
        from relation as r
        join pg_constraint as o on o.conrelid = r.oid
        -- not null is told by the column (18 has constraints for it, 15 has not), t by the trigger
        where o.contype not in ('n', 't')

        union all
        select
            'index',
            i.indexrelid::regclass::text,
            concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid),
            r.path
        from relation as r
        join pg_index as i on i.indrelid = r.oid

        union all
        select
            'trigger',
            format('%I on %s', t.tgname, r.identity),
            concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled),
            format(
                'triggers/%s.sql',
                case
                    when p.proname like 'tg\_%' then substr(p.proname, 4)
                    else r.relname || '__' || regexp_replace(t.tgname, '^_[0-9]+_', '')
                end
            )
        from relation as r
        join pg_trigger as t on t.tgrelid = r.oid and not t.tgisinternal
        join pg_proc as p on p.oid = t.tgfoid

        union all
        select
            'rule',
            format('%I on %s', w.rulename, r.identity),
            concat_ws(' ', pg_get_ruledef(w.oid), w.ev_enabled),
            null
        from relation as r
        join pg_rewrite as w on w.ev_class = r.oid and w.rulename <> '_RETURN'

        union all
        select f.kind, f.identity, f.definition, f.path
        from (
            select
                n.nspname,
                case when p.prokind = 'p' then 'procedure' else 'function' end as kind,
                p.oid::regprocedure::text as identity,
                -- pg_get_functiondef refuses aggregates
                case when p.prokind = 'a' then '' else pg_get_functiondef(p.oid) end as definition,
                case
                    when p.proname like 'tg\_%' then 'triggers/' || substr(p.proname, 4)
                    when p.prokind = 'p' then 'procedures/' || p.proname
                    else 'functions/' || p.proname
                end || '.sql' as path
            from pg_proc as p
            join pg_namespace as n on n.oid = p.pronamespace
            where n.nspname in ('stocksync', 'public')
        ) as f
        where f.nspname = 'stocksync'
            or exists (select from stocksync.deployed_file as d where d.path = f.path)
    )

    select o.kind, o.identity, pg_catalog.md5(o.definition), o.path
    from object as o
$function$;

comment on function stocksync.live_object() is
    'Every table, column, constraint, index, trigger, rule, view, function and procedure of stocksync as it is now: kind, qualified name, md5 of its definition, and the file under sql/ that makes it (null for what migrations make). Tables of your own in public are not listed; what is added to ours is.';
