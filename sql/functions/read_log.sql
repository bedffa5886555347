-- The log, as people ask for it.

create or replace function stocksync.read_log(p_level text default null, p_limit bigint default 50)
returns table (
    logged_at timestamptz,
    level text,
    message text,
    sku text,
    actor text,
    context jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select n.logged_at, n.level, n.message, p.sku, n.actor, n.context
    from (
        select *
        from stocksync.log as g
        where p_level is null or g.level = p_level
        order by g.id desc
        limit p_limit
    ) as n
    left join public.products as p on p.id = n.product_id
    order by n.id;
$function$;

comment on function stocksync.read_log(text, bigint) is
    'The last p_limit events of the log, oldest first; null: all. p_level: only "info", "warning", "error" or "critical".';
