-- What a trial looks at, in a schema that stocksync does not know. What is wrong is worked out here
-- once more: the functions under trial are not to be asked.

create schema scratch;

create function scratch.state()
returns table (place text, product_id bigint, image text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    r record;
begin
    for r in
        select c.oid::regclass as name,
            case
                when c.oid = 'public.products'::regclass then 't.id'
                when 'product_id' = any (k.names) then 't.product_id'
                else concat_ws(
                    ', ',
                    'coalesce(null::bigint',
                    case when 'batch_id' = any (k.names) then
                        '(select b.product_id from public.stock_batches as b where b.id = t.batch_id)'
                    end,
                    case when 'movement_id' = any (k.names) then
                        '(select m.product_id from public.stock_movements as m where m.id = t.movement_id)'
                    end
                ) || ')'
            end as product
        from pg_class as c
        cross join lateral (
            select array_agg(a.attname) as names
            from pg_attribute as a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        ) as k
        where c.relkind = 'r'
            and c.relnamespace in ('public'::regnamespace, 'stocksync'::regnamespace)
            -- the record of what was done, and of what is deployed
            and c.relname !~ '^(runs|log|incidents|findings|api_.*|installation|deployed_.*|_?yoyo_.*)$'
            -- by product, below; and how often the roll-up changed
            and c.relname not in ('_journal', '_roll_up_version')
    loop
        return query execute format(
            $$
            select %L, u.product, md5(string_agg(u.image, '' order by u.image))
            from (
                select %s as product,
                    (to_jsonb(t) - '{quantity_on_hand,total_stock}'::text[])::text as image
                from %s as t
            ) as u
            group by u.product
            $$,
            r.name, r.product, r.name
        );
    end loop;

    return query
    select 'stock', p.id, format('%s %s', p.quantity_on_hand, p.total_stock)
    from public.products as p
    union all
    select 'journal', u.product_id, md5(string_agg(u.image, '' order by u.image))
    from (
        select l.product_id, l::text as image
        from stocksync._journal as j
        cross join unnest(j.lines) as l
    ) as u
    group by u.product_id;
end;
$function$;

create function scratch.wrong()
returns table (product_id bigint, what text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with movement as (
        select m.id, m.product_id, m.location_id,
            (m.occurred_at at time zone s.time_zone)::date as day, m.transaction_type,
            case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity,
            1 as movements
        from public.stock_movements as m
        cross join stocksync.settings as s
        union all
        select null, a.product_id, a.location_id, a.day, a.transaction_type, a.quantity, a.movements
        from stocksync.archived_daily as a
    )
    select coalesce(p.id, m.product_id), 'stock'
    from public.products as p
    full join (
        select k.product_id, sum(k.quantity) as quantity from movement as k group by k.product_id
    ) as m on m.product_id = p.id
    left join (
        select w.product_id, sum(w.quantity) as quantity
        from stocksync._pending as w
        group by w.product_id
    ) as w on w.product_id = p.id
    where (p.quantity_on_hand + coalesce(w.quantity, 0), p.total_stock)
        is distinct from (coalesce(m.quantity, 0), p.quantity_on_hand)
    union all
    select u.product_id, format('days of %s at %s', u.day, u.location_id)
    from (
        select k.product_id, k.location_id, k.day, k.transaction_type, k.quantity, k.movements
        from movement as k
        union all
        select d.product_id, d.location_id, d.day, d.transaction_type, -d.quantity, -d.movements
        from stocksync.stock_daily as d
        union all
        select l.product_id, l.location_id, l.day, l.transaction_type, -l.quantity, -l.movements
        from stocksync._journal as j
        cross join unnest(j.lines) as l
    ) as u
    group by u.product_id, u.location_id, u.day, u.transaction_type
    having sum(u.quantity) <> 0 or sum(u.movements) <> 0
    union all
    select u.product_id, format('level at %s', u.location_id)
    from (
        select d.product_id, d.location_id, d.quantity, d.movements
        from stocksync.stock_daily as d
        union all
        select t.product_id, t.location_id, -t.quantity, -t.movements
        from stocksync.stock_total as t
    ) as u
    group by u.product_id, u.location_id
    having sum(u.quantity) <> 0 or sum(u.movements) <> 0
    union all
    select b.product_id, format('batch %s', b.id)
    from public.stock_batches as b
    cross join lateral (
        select coalesce(sum(r.quantity), 0) as quantity
        from public.batch_receipts as r
        where r.batch_id = b.id
    ) as r
    cross join lateral (
        select coalesce(sum(c.quantity), 0) as quantity
        from public.batch_consumptions as c
        where c.batch_id = b.id
    ) as c
    where b.quantity_received <> r.quantity or b.quantity_remaining <> r.quantity - c.quantity
    union all
    select u.product_id, format('batches at %s', u.location_id)
    from (
        select k.product_id, k.location_id, k.quantity from movement as k
        union all
        select b.product_id, b.location_id, -b.quantity_remaining
        from public.stock_batches as b
        where b.status <> 'retired'
    ) as u
    join public.products as p on p.id = u.product_id and p.tracks_batches
    group by u.product_id, u.location_id
    having sum(u.quantity) <> 0
    union all
    select max(u.product_id), format('batches of movement %s', u.movement_id)
    from (
        select null::bigint as product_id, r.movement_id, r.quantity
        from public.batch_receipts as r
        union all
        select null, c.movement_id, -c.quantity
        from public.batch_consumptions as c
        union all
        select k.product_id, k.id, -k.quantity
        from movement as k
        join public.products as p on p.id = k.product_id and p.tracks_batches
    ) as u
    where u.movement_id is not null
    group by u.movement_id
    having sum(u.quantity) <> 0;
$function$;

-- What a shop shows its customers.
create table scratch.api (id text, quantity text, reserved text);
create table scratch.catching_up (is_on boolean default true);

create function scratch.publish()
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    delete from scratch.api;

    insert into scratch.api (id, quantity)
    select h.product_id::text, h.quantity_on_hand::text
    from public.stock_on_hand as h
    join public.products as p on p.id = h.product_id
    where p.status = 'active' and not p.is_deleted;
$function$;

create function scratch.read_api()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    -- without a time of grace: the shop is seconds old
    v_reading_id constant bigint := stocksync.begin_api_reading('scratch', p_grace => interval '0');
begin
    perform stocksync.stage_api_items(v_reading_id, (select jsonb_agg(to_jsonb(a)) from scratch.api as a));
    perform stocksync.end_api_reading(v_reading_id);

    perform from stocksync.begin_api_rereading(v_reading_id);
    if found then
        perform scratch.publish() from scratch.catching_up;
        perform stocksync.stage_api_items(
            v_reading_id, (select jsonb_agg(to_jsonb(a)) from scratch.api as a)
        );
        perform stocksync.end_api_reading(v_reading_id);
    end if;
    return v_reading_id;
end;
$function$;

select scratch.publish();
