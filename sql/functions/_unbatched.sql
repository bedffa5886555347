-- Movements that no batch knows of, though their product tracked batches when they were recorded: they
-- came in behind the triggers.

create or replace function stocksync._unbatched(p_product_ids bigint[])
returns setof public.stock_movements
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select m.*
    from public.products as p
    cross join lateral (
        -- when it began to, as far as somebody has kept it
        select coalesce(
            (
                select max(r.occurred_at)
                from public.stock_batches as b
                join public.batch_receipts as r on r.batch_id = b.id and r.movement_id is null
                where b.product_id = p.id and b.status <> 'retired'
            ),
            (
                select max(g.logged_at)
                from stocksync.log as g
                where g.product_id = p.id and g.message = 'batch tracking switched on'
            ),
            '-infinity'
        ) as at
    ) as t
    join public.stock_movements as m on m.product_id = p.id and m.recorded_at >= t.at
    where p.id = any (p_product_ids)
        and p.tracks_batches
        and not exists (select from public.batch_receipts as r where r.movement_id = m.id)
        and not exists (select from public.batch_consumptions as c where c.movement_id = m.id);
$function$;

comment on function stocksync._unbatched(bigint[]) is
    'The movements of these products that have neither receipts nor consumptions, since the products track batches.';
