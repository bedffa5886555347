-- How movements settle: of the installation, and of each product that says something itself.

create or replace function stocksync.list_modes(p_product_ids bigint[] default null)
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
    select l.*
    from (
        select null::bigint as product_id, null::text as sku, null::text as name,
            s.contention as mode, s.contention as settles_as,
            coalesce((select sum(w.rows) from waiting as w), 0)::bigint as pending
        from stocksync.settings as s
        where p_product_ids is null
        union all
        select p.id, p.sku, p.name, p.contention,
            replace(stocksync._settles_as(p, s), 'batches', 'wait'), coalesce(w.rows, 0)
        from public.products as p
        cross join stocksync.settings as s
        left join waiting as w on w.product_id = p.id
        where p.id = any (p_product_ids)
            or p_product_ids is null and (p.contention is not null or w.rows > 0)
    ) as l
    order by l.sku nulls first
$function$;

comment on function stocksync.list_modes(bigint[]) is
    'How movements of these products settle; null: of the installation (the row without a sku), and of each product that says so itself or that changes wait for. mode as it says (null: as the installation), settles_as what comes of it by the product''s rules, pending how many changes wait to be added.';
