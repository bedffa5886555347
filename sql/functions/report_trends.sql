-- What moved in each period, as people ask for it: without gaps, so that rows are equally far apart.

create or replace function stocksync.report_trends(
    p_period text default 'month',
    p_transaction_type text default null
)
returns table (
    transaction_type text,
    movement_type text,
    starts_on date,
    quantity numeric,
    movements bigint,
    is_complete boolean
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_period is null or p_period not in ('day', 'week', 'month') then
        raise exception 'unknown period "%"', p_period
            using errcode = 'invalid_parameter_value',
                  hint = 'Periods are "day", "week" and "month".';
    end if;
    if p_transaction_type is not null and not exists (
        select from public.transaction_types as y where y.name = p_transaction_type
    ) then
        raise exception 'unknown transaction type "%"', p_transaction_type
            using errcode = 'no_data_found',
                  hint = 'Types are rows of transaction_types; see also "stocksync report trends".';
    end if;

    return query
    with kept as (
        select t.* from stocksync.movement_trends as t where t.period = p_period
    ),
    period as (
        select g::date as starts_on, (g::date < k.open) is not false as is_complete
        from (
            select min(o.starts_on) as oldest, max(o.starts_on) as newest,
                min(o.starts_on) filter (where not o.is_complete) as open
            from kept as o
        ) as k
        cross join generate_series(
            k.oldest::timestamp, k.newest::timestamp, ('1 ' || p_period)::interval
        ) as g
    ),
    type as (
        select distinct k.transaction_type, k.movement_type
        from kept as k
        where p_transaction_type is null or k.transaction_type = p_transaction_type
    )
    select y.transaction_type, y.movement_type, p.starts_on, coalesce(k.quantity, 0),
        coalesce(k.movements, 0), p.is_complete
    from period as p
    cross join type as y
    left join kept as k
        on k.starts_on = p.starts_on and k.transaction_type = y.transaction_type
    order by y.movement_type, y.transaction_type, p.starts_on;
end;
$function$;

comment on function stocksync.report_trends(text, text) is
    'stocksync.movement_trends by "day", "week" or "month", of one transaction type or of all that moved, types that bring in first; periods in which a type did not move are there with zeros. Raises invalid_parameter_value for an unknown period, no_data_found for an unknown type.';
