-- Adds to products what was left beside them. Of a product in escrow, slots that somebody holds stay,
-- and what is not theirs is dealt anew. The next time is after ten times as long as this took: while a
-- snapshot is held open for long, what was folded has to be passed over each time.

create or replace function stocksync._fold(p_product_ids bigint[])
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Planning for each array that comes along takes longer than what is done with most.
set plan_cache_mode = force_generic_plan
-- However little there was when this was planned, by the index: dead rows may be many.
set enable_seqscan = off
as $function$
declare
    v_began_at constant timestamptz := clock_timestamp();
    v_folded_ids bigint[];
    v_folded bigint;
begin
    if not exists (select from stocksync._pending as q where q.product_id = any (p_product_ids))
        and not exists (select from stocksync._hot as h where h.product_id = any (p_product_ids))
    then
        return 0;
    end if;

    with free as materialized (
        select q.ctid
        from stocksync._pending as q
        where q.product_id = any (p_product_ids)
        for update skip locked
    ),
    taken as (
        delete from stocksync._pending as q
        where q.ctid = any (array(select f.ctid from free as f))
        returning q.product_id, q.quantity
    )
    select array_agg(distinct t.product_id), count(*) filter (where t.quantity <> 0)
    into v_folded_ids, v_folded
    from taken as t;

    perform stocksync._deal(p.id)
    from public.products as p
    where p.id = any (v_folded_ids) and p.contention = 'escrow';

    -- What nothing was left beside is no longer busy.
    delete from stocksync._hot as h
    where h.product_id = any (p_product_ids) and h.product_id <> all (coalesce(v_folded_ids, '{}'));

    update stocksync._hot as h
    set fold_at = clock_timestamp()
        + greatest(interval '0.2 seconds', (clock_timestamp() - v_began_at) * 10)
    where h.product_id = any (v_folded_ids);

    return v_folded;
end;
$function$;

comment on function stocksync._fold(bigint[]) is
    'Adds what waits to these products, which the caller has locked, and returns how many changes that were.';
