-- What somebody else's program calls an id, a quantity, a status: the one place that judges it. A
-- number may be written as text, as in CSV; what is none is told in words and never taken for zero.

create or replace function stocksync._read_api_items(p_items jsonb)
returns table (
    api_id text,
    times bigint,
    quantity numeric,
    reserved numeric,
    status text,
    problem text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with given as (
        select
            e.position,
            case jsonb_typeof(e.item -> 'id')
                when 'string' then e.item ->> 'id'
                when 'number' then trim_scale((e.item ->> 'id')::numeric)::text
                else ''
            end as api_id,
            jsonb_typeof(e.item -> 'quantity') as type,
            stocksync._as_numeric(btrim(e.item ->> 'quantity')) as quantity,
            stocksync._as_numeric(btrim(e.item ->> 'reserved')) as reserved,
            left(nullif(e.item ->> 'status', ''), 200) as status,
            left(e.item ->> 'quantity', 60) as written
        from jsonb_array_elements(p_items) with ordinality as e (item, position)
    ),
    judged as (
        select
            g.position,
            -- what an index can hold
            left(g.api_id, 500) as api_id,
            case when g.type in ('number', 'string') then g.quantity end as quantity,
            g.reserved,
            g.status,
            case
                when g.api_id = '' then 'it has no id'
                when length(g.api_id) > 500 then 'its id is longer than 500 characters'
                when g.type is null or g.type = 'null' or g.written = '' then 'it has no quantity'
                when g.type not in ('number', 'string') or g.quantity is null
                    then format('its quantity is no number: %s', g.written)
                when abs(g.quantity) >= 1e15 then format('its quantity is out of range: %s', g.written)
            end as problem
        from given as g
    )
    select distinct on (j.api_id)
        j.api_id,
        count(*) over (partition by j.api_id),
        case when j.problem is null then trim_scale(j.quantity) end,
        case when abs(j.reserved) < 1e15 then trim_scale(j.reserved) end,
        j.status,
        j.problem
    from judged as j
    order by j.api_id, j.position;
$function$;

comment on function stocksync._read_api_items(jsonb) is
    'An array of objects with id, quantity, reserved and status as rows: of an id that is there several times the first, and how often it is there. problem says why a quantity cannot be compared; null if it can. Empty api_id: the item has none. Raises invalid_parameter_value for what is no array.';
