-- Who finds a product busy that was not says so, and it is left alone for a while: each update of it
-- leaves a version that nobody can remove while a long report runs, and makes the next one slower.

create or replace function stocksync._mark_busy(p_product_ids bigint[])
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into stocksync._hot (product_id, fold_at)
    select i, clock_timestamp() + interval '0.2 seconds'
    from unnest(p_product_ids) as i
    where not exists (select from stocksync._hot as h where h.product_id = i)
        -- Two who say so at once would wait for each other.
        and pg_try_advisory_xact_lock(stocksync._lock_key('hot ' || i))
    on conflict do nothing;
$function$;

comment on function stocksync._mark_busy(bigint[]) is
    'Has these products left alone until what waits for them is folded.';
