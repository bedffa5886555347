-- The batches, as people ask for them: what is there, until when, and what is taken next.

create or replace function stocksync.list_batches(
    p_sku text default null,
    p_expiring_days integer default null,
    p_expired boolean default false,
    p_all boolean default false
)
returns table (
    batch_id bigint,
    sku text,
    name text,
    batch_number text,
    location text,
    remaining numeric,
    received numeric,
    cost_price numeric,
    expiry_date date,
    days_left integer,
    state text,
    received_at timestamptz
)
language plpgsql
stable
-- one product and all, what is left and all there was: different plans
set plan_cache_mode = force_custom_plan
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_product_id constant bigint := stocksync.product_id(p_sku);
    v_today constant date := stocksync._shop_day();
begin
    if p_expiring_days < 0 then
        raise exception '% days are in the past', p_expiring_days
            using errcode = 'invalid_parameter_value',
                  hint = 'Ask for expired batches, or for those that expire within zero days or more.';
    end if;

    return query
    select b.id, p.sku, p.name, b.batch_number, l.name,
        trim_scale(b.quantity_remaining), trim_scale(b.quantity_received), b.cost_price,
        b.expiry_date, b.expiry_date - v_today, s.state, b.received_at
    from public.stock_batches as b
    join public.products as p on p.id = b.product_id
    left join public.locations as l on l.id = b.location_id
    cross join lateral (
        select case
            when b.status <> 'active' then b.status
            when not b.is_open then 'exhausted'
            when b.expiry_date < v_today then 'expired'
            else 'available'
        end as state
    ) as s
    where (v_product_id is null or b.product_id = v_product_id)
        and (p_all or b.is_open and b.status <> 'retired')
        and (
            p_expiring_days is null and not p_expired
            or b.expiry_date < v_today and p_expired
            or b.expiry_date between v_today and v_today + p_expiring_days
        )
    order by
        -- whoever asks for dates looks for the most urgent
        case when p_expiring_days is not null or p_expired then b.expiry_date end,
        p.sku, l.name nulls first,
        array_position('{available,expired,quarantined,exhausted,retired}', s.state),
        case p.batch_strategy when 'fefo' then b.expiry_date end nulls last,
        case p.batch_strategy when 'lifo' then b.received_at end desc nulls last,
        b.received_at,
        case p.batch_strategy when 'lifo' then -b.id else b.id end;
end;
$function$;

comment on function stocksync.list_batches(text, integer, boolean, boolean) is
    'The batches with something left, of one product or of all, product by product and place by place in the order in which they are taken. p_expiring_days: only those that expire within so many days; p_expired: only those that have; with either the most urgent first. p_all: exhausted and retired ones too. remaining and received in units, cost_price of one, days_left until the last day of sale, below zero after it; state is "available", "expired", "quarantined", "exhausted" or "retired". Raises no_data_found for an unknown sku, invalid_parameter_value for days below zero.';
