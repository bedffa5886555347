-- A movement dated back changes the stock of every moment since. Where negative stock is refused,
-- none of these may fall below zero that did not before. Checked once at commit, when settle has
-- locked the products: nobody else can change them meanwhile. Only what lies after the earliest of
-- the transaction's dates is read.

create or replace function stocksync.tg__back_dated__check()
returns trigger
language plpgsql
security definer -- reads and writes what an application may not
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_effects stocksync._effect[];
    r record;
begin
    with taken as (
        delete from stocksync._back_dated as b where b.xid = new.xid returning b.effects
    )
    select array_agg(e) into v_effects
    from taken as t
    cross join unnest(t.effects) as e;

    if v_effects is null then
        return null; -- another row's trigger has taken this one along
    end if;

    for r in
        with effect as (
            select e.product_id, e.at, sum(e.quantity) as quantity
            from unnest(v_effects) as e
            group by e.product_id, e.at
        ),
        since as (
            select e.product_id, min(e.at) as at
            from effect as e
            group by e.product_id
        ),
        change as (
            -- stock and, of it, what this transaction brought about
            select b.product_id, s.at - interval '1 microsecond' as at, b.quantity, 0 as effect
            from stocksync._stock_at(
                (select array_agg(s.product_id) from since as s),
                (select min(s.at) from since as s) - interval '1 microsecond',
                null
            ) as b
            join since as s on s.product_id = b.product_id
            union all
            select m.product_id, greatest(m.occurred_at, s.at - interval '1 microsecond'),
                case m.movement_type when 'in' then m.quantity else -m.quantity end, 0
            from since as s
            join public.stock_movements as m
                on m.product_id = s.product_id
                and m.occurred_at >= (select min(a.at) from since as a)
            union all
            select e.product_id, e.at, 0, e.quantity
            from effect as e
        ),
        moment as (
            select c.product_id, c.at,
                sum(sum(c.quantity)) over by_time as quantity,
                sum(sum(c.effect)) over by_time as effect
            from change as c
            group by c.product_id, c.at
            window by_time as (partition by c.product_id order by c.at)
        )
        select distinct on (o.product_id) o.product_id, p.sku, o.at, o.quantity, o.effect
        from moment as o
        join public.products as p on p.id = o.product_id
        cross join stocksync.settings as s
        where o.quantity < 0
            and o.quantity - o.effect >= 0
            and not coalesce(p.allow_negative, s.allow_negative)
        order by o.product_id, o.at
    loop
        raise exception 'insufficient stock of "%" on %', r.sku, r.at
            using errcode = 'SS001',
                  detail = format('There were %s then, and %s were asked for.',
                      trim_scale(r.quantity - r.effect), trim_scale(-r.effect)),
                  hint = 'Date the movement later, take less, or record first what had come in by then.',
                  schema = 'public', table = 'products', column = 'quantity_on_hand';
    end loop;
    return null;
end;
$function$;

comment on function stocksync.tg__back_dated__check() is
    'Raises SS001 where what the transaction dated back makes the stock of a product that refuses it negative at any moment since.';

-- There is no "create or replace constraint trigger".
drop trigger if exists _900_check on stocksync._back_dated;

create constraint trigger _900_check
    after insert on stocksync._back_dated
    deferrable initially deferred
    for each row
    execute function stocksync.tg__back_dated__check();

comment on trigger _900_check on stocksync._back_dated is
    'Looks at the past of the products, once settled.';
