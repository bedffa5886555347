-- The corrections that an undo of a run puts back, as they would be made: before and after swapped.
-- The roll-up and the batches are no stock of their own: they stay what the movements say. What was
-- no number is not wanted back, nor the status of a product that somebody has changed since.

drop function if exists stocksync._undo_corrections(bigint) cascade;

create or replace function stocksync._undo_corrections(p_run_id bigint)
returns table (
    incident_id bigint,
    product_id bigint,
    class text,
    before numeric,
    after numeric,
    images jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select i.id, i.product_id, i.class, i.after, i.before, null
    from stocksync.incidents as i
    where i.run_id = p_run_id
        and i.class in ('quantity_on_hand', 'total_stock')
        and abs(i.before) < 'Infinity'
    union all
    select i.id, i.product_id, i.class, null, null,
        jsonb_build_object('before', i.images -> 'after', 'after', i.images -> 'before')
    from stocksync.incidents as i
    join public.products as p on p.id = i.product_id
    where i.run_id = p_run_id
        and i.class = 'status'
        and jsonb_build_object('status', p.status, 'is_deleted', p.is_deleted) = i.images -> 'after';
$function$;

comment on function stocksync._undo_corrections(bigint) is
    'The opposite of each correction of stored quantities, or of the status of a product, that a run made, where it corrected a number and the product still has that status.';
