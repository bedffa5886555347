-- The comparison of an audit, in one snapshot, and what it found.

create or replace function stocksync._record_findings(p_run_id bigint)
returns void
language plpgsql
volatile
security definer -- nobody writes findings by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_found bigint;
begin
    insert into stocksync.findings (
        run_id, product_id, quantity_on_hand, total_stock, rolled_up, ledger, movements, differs
    )
    select p_run_id, d.product_id, d.quantity_on_hand, d.total_stock, d.rolled_up, d.ledger,
        d.movements, d.differs
    from stocksync.discrepancies(p_force => true) as d;

    insert into stocksync.findings as f (
        run_id, product_id, quantity_on_hand, total_stock, rolled_up, ledger, movements, differs
    )
    -- nothing else differs: the stock is the ledger
    select p_run_id, c.product_id, h.quantity_on_hand, h.quantity_on_hand, h.quantity_on_hand,
        h.quantity_on_hand, coalesce(l.movements, 0), c.differs
    from (
        select u.product_id, array_agg(distinct u.differs) as differs
        from (
            select c.product_id, 'closing' as differs
            from stocksync._closing_differences() as c (product_id)
            union all
            select b.product_id, 'batches'
            from stocksync.batch_discrepancies() as b
        ) as u
        group by u.product_id
    ) as c
    join public.stock_on_hand as h on h.product_id = c.product_id
    left join (
        select s.product_id, sum(s.movements) as movements
        from stocksync.stock_by_location as s
        group by s.product_id
    ) as l on l.product_id = c.product_id
    on conflict on constraint findings_pkey do update set differs = f.differs || excluded.differs;

    select count(*) into v_found from stocksync.findings as f where f.run_id = p_run_id;
    perform stocksync._record_found(p_run_id, v_found);

    perform stocksync._record_step(p_run_id, 'compare', jsonb_build_object(
        'found', v_found,
        -- where that is allowed it is no fault, but worth a look
        'once_negative', (select count(*) from stocksync.negative_in_past())
    ));
end;
$function$;

comment on function stocksync._record_findings(bigint) is
    'Compares everything with the movements and records for this run what differs, and how many products were below zero at some time.';
