-- What an API shows beside the stock, and why it differs where it does. What differed at first and no
-- longer at the second look was under way.

create or replace function stocksync.api_discrepancies(
    p_reading_id bigint,
    p_product_ids bigint[] default null
)
returns table (
    product_id bigint,
    api_id text,
    api numeric,
    api_status text,
    class text,
    reason jsonb
)
language plpgsql
stable
-- one product and all of them are different plans
set plan_cache_mode = force_custom_plan
set jit = off
-- nothing tells the planner how much of a reading differs: it may be all of it
set enable_nestloop = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    -- how old a cache may be that is found
    v_from constant timestamptz := (
        select r.started_at - interval '30 days'
        from stocksync.api_readings as r
        where r.id = p_reading_id
    );
begin
    if p_reading_id is null then
        return;
    end if;
    perform stocksync._check_api_reading(p_reading_id);

    return query
    with compared as materialized (
        select c.*, lag(c.times) over w as was_times, lag(c.quantity) over w as was_quantity
        from stocksync._compare_api(p_reading_id, p_product_ids) as c
        window w as (partition by c.api_id order by c.pass)
    ),
    -- The second look counts, unless the first, seen from now, was right.
    latest as (
        select distinct on (c.api_id) c.*, p.id as found_id, p.status as product_status, p.is_deleted,
            c.pass = 2 and c.is_right as has_settled
        from compared as c
        left join public.products as p on p.id = c.product_id
        order by c.api_id, (c.pass = 1 and c.is_right) desc, c.pass desc
    ),
    differing as materialized (
        select l.*, l.quantity + coalesce(l.reserved, 0) as held
        from latest as l
        where l.found_id is not null and l.problem is null and l.times > 0
            and not l.is_right
            -- what is there twice may be right
            and (l.times = 1 or not stocksync._is_reachable(
                l.quantity + coalesce(l.reserved, 0), l.starts, l.changes
            ))
    ),
    unfit as (
        select d.api_id,
            coalesce(sum(b.quantity_remaining) filter (
                where b.status = 'active' and b.expiry_date < stocksync._shop_day()
            ), 0) as expired,
            coalesce(sum(b.quantity_remaining) filter (where b.status = 'quarantined'), 0)
                as quarantined
        from differing as d
        join public.stock_batches as b
            on b.product_id = d.product_id and b.is_open and b.status <> 'retired'
        group by d.api_id
    ),
    of_batches as (
        select d.api_id,
            case
                when stocksync._is_reachable(
                    d.held + u.expired + u.quarantined, d.starts, d.changes
                ) then concat_ws(
                    ' and ',
                    case when u.expired > 0 then trim_scale(u.expired) || ' expired' end,
                    case when u.quarantined > 0 then trim_scale(u.quarantined) || ' quarantined' end
                )
                when u.expired > 0
                    and stocksync._is_reachable(d.held + u.expired, d.starts, d.changes)
                    then trim_scale(u.expired) || ' expired'
                when u.quarantined > 0
                    and stocksync._is_reachable(d.held + u.quarantined, d.starts, d.changes)
                    then trim_scale(u.quarantined) || ' quarantined'
            end as words
        from differing as d
        join unfit as u on u.api_id = d.api_id and u.expired + u.quarantined > 0
    ),
    caused as (
        select d.api_id, d.product_id, d.held, d.stock, d.staged_at,
            case
                when d.reserved <> 0
                    and stocksync._is_reachable(d.quantity, d.starts, d.changes)
                    then 'reservation'
                when b.words is not null then 'not_sellable'
                else 'unknown'
            end as cause,
            d.reserved, b.words
        from differing as d
        left join of_batches as b on b.api_id = d.api_id
    ),
    -- The stock before each movement, from the last one back.
    earlier as (
        select c.api_id, m.id as movement_id, m.recorded_at, c.held,
            c.stock - sum(case m.movement_type when 'in' then m.quantity else -m.quantity end)
                over w as before,
            row_number() over w as since
        from caused as c
        join public.stock_movements as m
            on m.product_id = c.product_id
            and m.recorded_at > v_from
            and m.recorded_at <= c.staged_at
        where c.cause = 'unknown'
        window w as (
            partition by c.api_id order by m.recorded_at desc, m.id desc
            rows between unbounded preceding and current row
        )
    ),
    cached as (
        select distinct on (e.api_id) e.api_id, e.movement_id, e.recorded_at, e.since
        from earlier as e
        where e.before = e.held
        order by e.api_id, e.since
    )
    -- 1. What is shown and right, and nothing but that.
    select l.product_id, l.api_id, l.quantity, l.status, null, null::jsonb
    from latest as l
    where l.found_id is not null and l.times > 0
        and l.is_right and not l.has_settled
    union all
    -- 2. What differed only while the API was being read.
    select l.product_id, case when l.times > 0 then l.api_id end, l.quantity, l.status, 'lag',
        jsonb_build_object(
            'class', 'lag',
            'cause', 'api_lag',
            'text', case
                when l.was_times = 0
                    then 'The API did not show it at first, and was right a little later.'
                when l.was_times > 1
                    then format('The API showed it %s times at first, and once a little later.', l.was_times)
                else format(
                    'The API showed %s at first, and was right a little later.', l.was_quantity
                )
            end
        )
    from latest as l
    where l.found_id is not null and l.has_settled
    union all
    -- 3. What is not shown.
    select l.product_id, null, null, null, 'missing_from_api',
        jsonb_build_object(
            'class', 'missing_from_api',
            'cause', x.cause,
            'text', format(
                'The API does not show it, though %s are in stock: %s.', trim_scale(l.stock),
                case x.cause
                    when 'deleted' then 'the product is marked as deleted'
                    when 'inactive' then format('the status of the product is "%s"', l.product_status)
                    else 'the product is active, so that the API itself leaves it out'
                end
            ),
            'derived', trim_scale(l.stock)
        )
    from latest as l
    cross join lateral (
        select case
            when l.is_deleted then 'deleted'
            when l.product_status is distinct from 'active' then 'inactive'
            else 'filtered'
        end as cause
    ) as x
    where l.found_id is not null and l.times = 0 and not l.is_right
    union all
    -- 4. What nobody knows here.
    select null, l.api_id, l.quantity, l.status, 'unknown_to_shop',
        jsonb_build_object(
            'class', 'unknown_to_shop',
            'cause', 'unknown_product',
            'text', format(
                'The API shows "%s", and there is no product with this %s.', l.api_id,
                (select r.match_by from stocksync.api_readings as r where r.id = p_reading_id)
            )
        ) || case when l.quantity is null then '{}' else jsonb_build_object('stored', l.quantity) end
    from latest as l
    where l.found_id is null and l.api_id <> '' and l.times > 0
    union all
    -- 5. What is shown more than once.
    select l.found_id, l.api_id, l.quantity, l.status, 'duplicate_in_api',
        jsonb_build_object(
            'class', 'duplicate_in_api',
            'cause', 'duplicate_id',
            'text', format('The API shows "%s" %s times.', l.api_id, l.times)
        )
    from latest as l
    where l.times > 1 and l.api_id <> '' and not l.is_right
    union all
    -- 6. What cannot be read.
    select l.found_id, nullif(l.api_id, ''), null, l.status, 'unreadable_in_api',
        jsonb_build_object(
            'class', 'unreadable_in_api',
            'cause', 'unreadable',
            'text', case
                when l.api_id = '' then format('The API shows items without an id: %s.', l.times)
                else format('What the API shows of "%s" cannot be compared: %s.', l.api_id, l.problem)
            end
        )
    from latest as l
    where l.problem is not null and (l.found_id is not null or l.api_id = '')
    union all
    -- 7. What is shown with another stock.
    select d.product_id, d.api_id, d.quantity, d.status, 'on_hand_vs_api',
        jsonb_build_object(
            'class', 'on_hand_vs_api',
            'cause', case when h.api_id is null then c.cause else 'api_cache' end,
            'text', format('The API shows %s, on hand were %s', d.quantity, trim_scale(d.stock)) || case
                when h.api_id is not null then format(
                    ': the stock as it was until %s, before the last %s.',
                    to_char(h.recorded_at at time zone v_zone, 'YYYY-MM-DD HH24:MI:SS'),
                    case when h.since = 1 then 'movement' else h.since || ' movements' end
                )
                when c.cause = 'reservation'
                    then format(', and the %s that it says are reserved are not taken off.', d.reserved)
                when c.cause = 'not_sellable'
                    then format(': without %s.', c.words)
                else '.'
            end,
            'stored', d.quantity,
            'derived', trim_scale(d.stock)
        ) || case
            when h.api_id is null then '{}'
            else jsonb_build_object('movement_id', h.movement_id, 'since', h.recorded_at)
        end
    from differing as d
    join caused as c on c.api_id = d.api_id
    left join cached as h on h.api_id = d.api_id
    order by 1, 2;
end;
$function$;

comment on function stocksync.api_discrepancies(bigint, bigint[]) is
    'What an API showed of these products (null: of all), and of products that it should show; nothing for a null reading. class is null where it was right: the stock that the product had at any moment within the time of grace. Else on_hand_vs_api, missing_from_api, unknown_to_shop (product_id is null; only where all are asked for), duplicate_in_api, unreadable_in_api, or lag for what differed at first and did not when it was read again. reason is an object with class, cause, text (a sentence) and, where known, stored (what the API shows), derived (what was on hand), since and movement_id (the first movement that the API does not know). A product may have several rows. Raises no_data_found for an unknown reading, object_not_in_prerequisite_state for one that is not complete.';
