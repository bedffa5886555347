-- How a number comes about: what to answer when somebody asks why the stock is 15.

create or replace function stocksync.explain(p_sku text)
returns table (
    line text,
    quantity numeric,
    movements bigint,
    first_at timestamptz,
    last_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with product as (
        select s.product_id as id, s.quantity_on_hand
        from public.stock_on_hand as s
        where s.product_id = stocksync.product_id(p_sku)
    ),
    ledger as (
        select m.transaction_type,
            -- a reversal counts where what it reverses counts
            min(case
                when m.reverses_id is null then m.movement_type
                when m.movement_type = 'in' then 'out'
                else 'in'
            end) as direction,
            sum(case m.movement_type when 'in' then m.quantity else -m.quantity end) as quantity,
            count(*) as movements,
            min(m.occurred_at) as first_at,
            max(m.occurred_at) as last_at
        from public.stock_movements as m
        join product as p on p.id = m.product_id
        group by m.transaction_type
        union all
        select a.transaction_type, 'archived', sum(a.quantity), sum(a.movements)::bigint,
            min(stocksync._day_start(a.day)), max(stocksync._day_start(a.day))
        from stocksync.archived_daily as a
        join product as p on p.id = a.product_id
        group by a.transaction_type
    ),
    told as (
        select 1 as part, l.direction || ': ' || l.transaction_type as line,
            l.quantity, l.movements, l.first_at, l.last_at
        from ledger as l
        union all
        select 2, 'ledger', coalesce(sum(l.quantity), 0), coalesce(sum(l.movements), 0)::bigint,
            min(l.first_at), max(l.last_at)
        from ledger as l
        union all
        select 3, 'differs from the ledger by', p.quantity_on_hand - coalesce(sum(l.quantity), 0),
            null, null, null
        from product as p
        left join ledger as l on true
        group by p.quantity_on_hand
        having p.quantity_on_hand <> coalesce(sum(l.quantity), 0)
        union all
        select 4, 'on hand', p.quantity_on_hand, null, null, null
        from product as p
        union all
        select 5, 'not yet rolled up', sum(j.quantity), sum(j.movements), null, null
        from product as p
        cross join stocksync._journal as w
        cross join unnest(w.lines) as j
        where j.product_id = p.id
        having count(*) > 0
        union all
        select 6, 'waits for the product to be free', sum(q.quantity), count(*),
            min(q.queued_at), max(q.queued_at)
        from product as p
        join stocksync._pending as q on q.product_id = p.id and q.quantity <> 0
        having count(*) > 0
        union all
        select 7, 'corrected by sync', sum(i.after - i.before), count(*),
            min(i.found_at), max(i.found_at)
        from stocksync.incidents as i
        join product as p on p.id = i.product_id
        where i.class = 'quantity_on_hand'
        having count(*) > 0
        union all
        select 8, g.message, sum((g.context ->> 'new_stock')::numeric - (g.context ->> 'old_stock')::numeric),
            count(*), min(g.logged_at), max(g.logged_at)
        from stocksync.log as g
        join product as p on p.id = g.product_id
        where g.message like 'manual update of stock%'
        group by g.message
        union all
        select 9,
            'remains of batch ' || b.batch_number
                || coalesce(', expires ' || to_char(b.expiry_date, 'YYYY-MM-DD'), '')
                || coalesce(', at ' || o.name, ''),
            sum(b.quantity_remaining), null, min(b.received_at), max(b.received_at)
        from public.stock_batches as b
        join product as p on p.id = b.product_id
        left join public.locations as o on o.id = b.location_id
        where b.is_open and b.status <> 'retired'
        group by b.batch_number, b.expiry_date, o.id
    )
    select t.line, trim_scale(t.quantity), t.movements, t.first_at, t.last_at
    from told as t
    order by t.part, t.line;
$function$;

comment on function stocksync.explain(text) is
    'How the stock of a product comes about: one line per transaction type (what is archived apart, with its first and last day), their sum, what differs from it, the stock, what is not yet rolled up, how much of it waits for the product to be free, corrections and manual updates with how often and when, and what remains of each batch with when it came. Raises no_data_found for an unknown sku.';
