-- Cost by specific identification: each unit costs what its own batch did.

create or replace function stocksync._value_by_batch(p_at timestamptz, p_product_ids bigint[])
returns table (
    product_id bigint,
    kind text,
    quantity numeric,
    cost numeric,
    without_cost numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select e.product_id, e.kind, sum(e.quantity), coalesce(sum(e.quantity * e.cost_price), 0),
        coalesce(sum(e.quantity) filter (where e.cost_price is null), 0)
    from stocksync._value_events(p_at, p_product_ids) as e
    group by e.product_id, e.kind;
$function$;

comment on function stocksync._value_by_batch(timestamptz, bigint[]) is
    'What came in, was sold, is on its way and went out otherwise until a time, at the cost of the batches; without_cost: units of unknown cost.';
