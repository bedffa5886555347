-- Which of the triggers that count movements and guard the stock are not at work now.

create or replace function stocksync._triggers_off()
returns table (cause text, name text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case when t.oid is null then 'trigger_missing' else 'trigger_disabled' end,
        split_part(d.identity, ' on ', 1) || ' on ' || split_part(d.identity, '.', 2)
    from stocksync.deployed_object as d
    left join pg_trigger as t
        on t.tgrelid = to_regclass(split_part(d.identity, ' on ', 2))
        and quote_ident(t.tgname) = split_part(d.identity, ' on ', 1)
    where d.kind = 'trigger'
        and split_part(d.identity, ' on ', 2) in (
            'public.products', 'public.stock_movements', 'public.stock_batches',
            'public.batch_receipts', 'public.batch_consumptions', 'stocksync._journal',
            'stocksync._unsettled'
        )
        -- "always" is more than is asked
        and (t.oid is null or t.tgenabled in ('D', 'R'))
    order by t.oid is not null, d.identity;
$function$;

comment on function stocksync._triggers_off() is
    'The triggers on the ledger that were deployed and are missing ("trigger_missing") or disabled ("trigger_disabled").';
