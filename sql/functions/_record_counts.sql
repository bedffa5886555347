-- Records counts, one or ten thousand: the ledger of each moment is read under the locks of the
-- products, the difference is booked at that moment, and the count is remembered, also where there
-- is none. Those of batches come first: a count of all of a product is of these too.

create or replace function stocksync._record_counts(p_counts stocksync.counts[])
returns setof stocksync.counts
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_missing bigint;
    v_now timestamptz;
    v_before timestamptz;
    v_at timestamptz;
    v_batch_id bigint;
    v_sku text;
    v_of_batches boolean;
    v_counts stocksync.counts[];
    v_ledger numeric[];
    v_new_ids bigint[];
    v_count_ids bigint[] := '{}';
begin
    -- 1. What this transaction has written itself is in the ledger, and nobody else writes to it
    -- until this has ended.
    perform stocksync._settle_now();

    perform stocksync._let_all_wait(array(select g.product_id from unnest(p_counts) as g));

    select min(g.product_id) into v_missing
    from unnest(p_counts) as g
    where not exists (select from public.products as p where p.id = g.product_id);

    if v_missing is not null then
        raise exception 'product % does not exist', v_missing
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    end if;

    select min(g.location_id) into v_missing
    from unnest(p_counts) as g
    where not exists (select from public.locations as l where l.id = g.location_id);

    if v_missing is not null then
        raise exception 'location % does not exist', v_missing
            using errcode = 'no_data_found',
                  hint = 'The locations are in public.locations.';
    end if;

    select g.batch_id, p.sku into v_batch_id, v_sku
    from unnest(p_counts) as g
    join public.products as p on p.id = g.product_id
    where g.batch_id is not null
        and not exists (
            select from public.stock_batches as b
            where b.id = g.batch_id
                and b.product_id = g.product_id
                and b.location_id is not distinct from coalesce(g.location_id, b.location_id)
                and b.status <> 'retired'
        )
    order by g.batch_id
    limit 1;

    if found then
        raise exception 'batch % is not a batch of "%" at this place', v_batch_id, v_sku
            using errcode = 'no_data_found',
                  hint = 'List them with "stocksync batch list --sku SKU".';
    end if;

    -- 2. The moments. Now is when nobody moves the stock any more.
    v_now := clock_timestamp();

    select max(g.counted_at) into v_at from unnest(p_counts) as g;
    if v_at > v_now then
        raise exception '% is in the future', v_at
            using errcode = 'invalid_parameter_value',
                  hint = 'Say when it was counted; leave the time out for now. A day alone is its end.';
    end if;

    select c.before into v_before from stocksync._closed as c;
    select min(coalesce(g.counted_at, v_now)) into v_at from unnest(p_counts) as g;
    if v_at < v_before then
        raise exception 'the period of % is closed', v_at
            using errcode = 'SS005',
                  detail = format('The stock before %s is final.', v_before),
                  hint = 'Count again, for now; or take the closing back with "stocksync close --reopen".',
                  schema = 'stocksync', table = 'counts', column = 'counted_at';
    end if;

    foreach v_of_batches in array array[true, false] loop
        select array_agg(row(
            null, g.product_id, coalesce(g.location_id, b.location_id),
            coalesce(g.counted_at, v_now), g.quantity, null, null, null, null, g.run_id, g.user_id,
            g.notes, g.batch_id
        )::stocksync.counts order by g.position)
        into v_counts
        from unnest(p_counts) with ordinality as g (
            id, product_id, location_id, counted_at, quantity, expected, balance, recorded_at,
            recorded_by, run_id, user_id, notes, batch_id, position
        )
        left join public.stock_batches as b on b.id = g.batch_id
        where (g.batch_id is not null) = v_of_batches;

        continue when v_counts is null;

        -- 3. The counts. What is booked for one moves what is expected at the next.
        if v_of_batches then
            v_ledger := stocksync._batches_at_moments(
                array(select g.batch_id from unnest(v_counts) as g),
                array(select g.counted_at from unnest(v_counts) as g)
            );
        else
            v_ledger := stocksync._stock_at_moments(
                array(select g.product_id from unnest(v_counts) as g),
                array(select g.location_id from unnest(v_counts) as g),
                array(select g.counted_at from unnest(v_counts) as g)
            );
        end if;

        with told as (
            select g.*,
                g.ledger + coalesce(lag(g.quantity - g.ledger) over (
                    partition by g.product_id, g.location_id, g.batch_id
                    order by g.counted_at, g.position
                ), 0) as found
            from rows from (unnest(v_counts), unnest(v_ledger)) with ordinality as g (
                id, product_id, location_id, counted_at, quantity, expected, balance, recorded_at,
                recorded_by, run_id, user_id, notes, batch_id, ledger, position
            )
        ),
        inserted as (
            insert into stocksync.counts (
                product_id, location_id, counted_at, quantity, expected, balance, run_id, user_id,
                notes, batch_id
            )
            select t.product_id, t.location_id, t.counted_at, trim_scale(t.quantity),
                trim_scale(t.found),
                -- late movements are not held against a batch
                case when t.batch_id is null then trim_scale(t.quantity) end,
                t.run_id, t.user_id, t.notes, t.batch_id
            from told as t
            order by t.position
            returning id
        )
        select array_agg(i.id order by i.id) into v_new_ids from inserted as i;

        -- Of one moment the last one stands.
        update stocksync.counts as o
        set balance = null
        from stocksync.counts as c
        where c.id = any (v_new_ids)
            and c.batch_id is null
            and o.product_id = c.product_id
            and o.counted_at = c.counted_at
            and o.location_id is not distinct from c.location_id
            and o.id < c.id
            and o.balance is not null;

        -- 4. The differences.
        perform stocksync._book_corrections(
            array_agg(c.id order by c.id), array_agg(c.quantity - c.expected order by c.id)
        )
        from stocksync.counts as c
        where c.id = any (v_new_ids) and c.quantity <> c.expected
        having count(*) > 0;

        -- A transaction with an older snapshot does not see these counts. It must not write movements
        -- before them: that it cannot where the row of the product has changed.
        update public.products as p
        set quantity_on_hand = p.quantity_on_hand
        where p.id in (
            select c.product_id
            from stocksync.counts as c
            where c.id = any (v_new_ids) and c.quantity = c.expected
        );

        -- 5. The stock, and whether there is enough; the counts after these.
        perform stocksync._settle_now();

        v_count_ids := v_count_ids || v_new_ids;
    end loop;

    return query
    select c.*
    from stocksync.counts as c
    where c.id = any (v_count_ids)
    order by c.id;
end;
$function$;

comment on function stocksync._record_counts(stocksync.counts[]) is
    'Records these counts and returns them as recorded. Of each, what the counter cannot know is left null; a null counted_at is now. Raises no_data_found for an unknown product, location or batch, invalid_parameter_value for the future, SS005 where the period is closed, object_not_in_prerequisite_state above READ COMMITTED for a product that settles without waiting, and what the table and an insert of movements raise.';
