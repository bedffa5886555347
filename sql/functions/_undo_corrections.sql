-- The corrections that an undo of a run puts back, as they would be made: before and after swapped.
-- The roll-up is no stock of its own, and what was no number is not wanted back.

create or replace function stocksync._undo_corrections(p_run_id bigint)
returns table (incident_id bigint, product_id bigint, class text, before numeric, after numeric)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select i.id, i.product_id, i.class, i.after, i.before
    from stocksync.incidents as i
    where i.run_id = p_run_id
        and i.class in ('quantity_on_hand', 'total_stock')
        and abs(i.before) < 'Infinity';
$function$;

comment on function stocksync._undo_corrections(bigint) is
    'The opposite of each correction of stored quantities that a run made, where it corrected a number.';
