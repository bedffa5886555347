-- The trend: what past audits of everything found, the last first.

create or replace function stocksync.list_audits(p_limit bigint default 20)
returns table (
    run_id bigint,
    started_at timestamptz,
    finished_at timestamptz,
    actor text,
    products bigint,
    mismatches bigint,
    by_class jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select u.id, u.started_at, u.finished_at, u.actor,
        (
            select (c.done -> 'products')::bigint
            from stocksync.run_cost(u.id) as c
            where c.step = 'compare'
        ),
        u.products_found,
        (
            select coalesce(jsonb_object_agg(n.class, n.findings), '{}')
            from (
                select c.class, count(*) as findings
                from stocksync.findings as f
                cross join unnest(f.classes) as c (class)
                where f.run_id = u.id
                group by c.class
            ) as n
        )
    from stocksync.runs as u
    where u.command = 'audit'
        and u.finished_at is not null
        -- one that looked at some products says nothing about how the shop does
        and not u.options ? 'products'
    order by u.id desc
    limit p_limit;
$function$;

comment on function stocksync.list_audits(bigint) is
    'The last p_limit audits that looked at every product (null: all that are kept), the last first: how many products each compared, how many it found wrong, and how many of each class.';
