-- Where stock is below zero though that is refused, nothing is there: as if somebody had counted it.

create or replace function stocksync._count_to_zero(p_run_id bigint, p_product_id bigint)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_counts stocksync.counts[];
    v_ids int8multirange;
begin
    -- What comes in while the product is waited for may be enough, and is not to be counted away.
    perform stocksync._let_all_wait(array[p_product_id]);

    select array_agg(row(
        null, l.product_id, l.location_id, null, 0, null, null, null, null, p_run_id, null,
        format('fix %s: it was below zero', p_run_id), null
    )::stocksync.counts)
    into v_counts
    from (
        select t.product_id, t.location_id
        from stocksync._turnovers as t
        where t.product_id = p_product_id
        group by t.product_id, t.location_id
        having sum(t.quantity) < 0
    ) as l;

    if v_counts is null then
        return;
    end if;

    perform from stocksync._record_counts(v_counts);

    select r.movement_ids into v_ids
    from stocksync._as_ranges(array(
        select k.movement_id
        from stocksync.counts as c
        join stocksync.count_corrections as k on k.count_id = c.id
        where c.run_id = p_run_id and c.product_id = p_product_id
    )) as r;

    update stocksync.runs as u set movement_ids = u.movement_ids + v_ids where u.id = p_run_id;
end;
$function$;

comment on function stocksync._count_to_zero(bigint, bigint) is
    'Records a count of zero, for this run, at each place where the stock of the product is below zero.';
