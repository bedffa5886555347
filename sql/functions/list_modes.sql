-- How movements settle: of the installation, and of each product that says something itself.

create or replace function stocksync.list_modes()
returns table (
    product_id bigint, sku text, name text, mode text, settles_as text, pending bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with waiting as (
        select q.product_id, count(*) as rows
        from stocksync._pending as q
        where q.quantity <> 0
        group by q.product_id
    )
    select l.product_id, l.sku, l.name, l.mode, l.settles_as, l.pending
    from (
        select null::bigint as product_id, null::text as sku, null::text as name,
            s.contention as mode, null::text as settles_as,
            coalesce((select sum(w.rows) from waiting as w), 0)::bigint as pending
        from stocksync.settings as s
        union all
        select p.id, p.sku, p.name, p.contention,
            case stocksync._settles_as(p, s) when 'batches' then 'wait'
                else stocksync._settles_as(p, s) end,
            coalesce(w.rows, 0)
        from public.products as p
        cross join stocksync.settings as s
        left join waiting as w on w.product_id = p.id
        where p.contention is not null or w.rows > 0
    ) as l
    order by l.sku nulls first
$function$;

comment on function stocksync.list_modes() is
    'How movements settle, first of the installation (sku null), then of each product that says so itself or that changes wait for: mode as it says (null: as the installation), settles_as what comes of it by its rules, pending how many changes wait.';
