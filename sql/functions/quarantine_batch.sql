-- A recall names what is printed on the goods: whatever has this number is not sold any more, at
-- whatever place it lies, and also what comes back of it.

create or replace function stocksync.quarantine_batch(
    p_product_id bigint,
    p_batch_number text,
    p_lift boolean default false,
    p_reason text default null
)
returns table (batch_id bigint, location text, remaining numeric, status text)
language plpgsql
volatile
security definer -- nobody writes batches by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_status constant text := case when p_lift then 'active' else 'quarantined' end;
    v_ids bigint[];
    v_changed_ids bigint[];
    v_remaining numeric;
begin
    select array_agg(b.id),
        array_agg(b.id) filter (where b.status <> v_status),
        trim_scale(sum(b.quantity_remaining) filter (where b.status <> v_status))
    into v_ids, v_changed_ids, v_remaining
    from stocksync._batch_numbered(p_product_id, p_batch_number) as b;

    if v_changed_ids is not null then
        insert into stocksync._passes default values;
        update public.stock_batches as b set status = v_status where b.id = any (v_changed_ids);
        delete from stocksync._passes as p where p.xid = pg_current_xact_id();

        perform stocksync._write_log(
            'warning',
            case when p_lift then 'quarantine of a batch lifted' else 'batch quarantined' end,
            p_product_id,
            jsonb_strip_nulls(jsonb_build_object(
                'batch_number', p_batch_number, 'batches', to_jsonb(v_changed_ids),
                'remaining', v_remaining, 'reason', p_reason
            ))
        );
    end if;

    return query
    select b.id, l.name, trim_scale(b.quantity_remaining), b.status
    from public.stock_batches as b
    left join public.locations as l on l.id = b.location_id
    where b.id = any (v_ids)
    order by l.name nulls first, b.id;
end;
$function$;

comment on function stocksync.quarantine_batch(bigint, text, boolean, text) is
    'Keeps all that has this batch number, at every place, from being sold or used; p_lift takes that back. Returns the batches of the number, also those that were so already; a change is logged with its reason (null: none). Waits for whoever is settling the product. What writes off, moves, counts or sends back may still take from them. Raises no_data_found if the product or the number is unknown, or only retired batches have it.';
