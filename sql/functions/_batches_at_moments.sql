-- What remained of batches at moments, as counts of batches ask for it: what remains now, less what
-- has moved since.

create or replace function stocksync._batches_at_moments(p_batch_ids bigint[], p_ats timestamptz[])
returns numeric[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(
        trim_scale(
            b.quantity_remaining
            - (
                select coalesce(sum(r.quantity), 0)
                from public.batch_receipts as r
                where r.batch_id = b.id and r.occurred_at > a.at
            )
            + (
                select coalesce(sum(c.quantity), 0)
                from public.batch_consumptions as c
                where c.batch_id = b.id and c.occurred_at > a.at
            )
        )
        order by a.position
    )
    from unnest(p_batch_ids, p_ats) with ordinality as a (batch_id, at, position)
    join public.stock_batches as b on b.id = a.batch_id;
$function$;

comment on function stocksync._batches_at_moments(bigint[], timestamptz[]) is
    'What remained of each batch at its moment, inclusive: two arrays side by side, and a third. In a transaction that has written movements, call it after they have settled.';
