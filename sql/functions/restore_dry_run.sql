-- What a restore would do: the trusted balance, what has moved since, and the stock that makes.

create or replace function stocksync.restore_dry_run(
    p_from timestamptz,
    p_product_id bigint default null,
    p_snapshot_id bigint default null
)
returns table (
    product_id bigint,
    sku text,
    name text,
    balance numeric,
    since numeric,
    restored numeric,
    quantity_on_hand numeric,
    difference numeric,
    booked numeric,
    differs text[]
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_ids constant bigint[] := case when p_product_id is not null then array[p_product_id] end;
    v_source record;
begin
    perform stocksync.check_scope(p_product_id, null);
    select * into v_source from stocksync.restore_source(p_from, p_snapshot_id);

    return query
    select p.id, p.sku, p.name,
        case when v_source.snapshot_id is not null then coalesce(b.balance, 0) end,
        trim_scale(l.quantity + coalesce(b.booked, 0) - coalesce(b.balance, 0)),
        trim_scale(l.quantity + coalesce(b.booked, 0)),
        trim_scale(h.quantity_on_hand),
        trim_scale(h.quantity_on_hand - l.quantity - coalesce(b.booked, 0)),
        coalesce(b.booked, 0),
        case when coalesce(b.booked, 0) <> 0 or coalesce(b.is_moved, false)
            then array['movements'] else '{}' end || coalesce(d.differs, '{}')
    from public.products as p
    join public.stock_on_hand as h on h.product_id = p.id
    left join (
        select r.product_id, sum(r.balance) as balance, trim_scale(sum(r.quantity)) as booked,
            -- between locations
            bool_or(r.quantity <> 0) as is_moved
        from stocksync._restore_differences(v_source.snapshot_id, v_ids) as r
        group by r.product_id
    ) as b on b.product_id = p.id
    left join stocksync.discrepancies(v_ids, null, true) as d on d.product_id = p.id
    cross join lateral (
        select coalesce(d.ledger, h.quantity_on_hand) as quantity
    ) as l
    where (v_ids is null or p.id = any (v_ids))
        and (coalesce(b.is_moved, false) or d.product_id is not null)
    order by p.id;
end;
$function$;

comment on function stocksync.restore_dry_run(timestamptz, bigint, bigint) is
    'The products whose stock stocksync.restore() with the same arguments would change: balance in the source (null: it starts from movements), what has moved since, their sum (restored), the stock now, difference (quantity_on_hand minus restored), what would be booked so that the movements say the same, and what differs: "movements" where they do not say what the balance says, and as stocksync.discrepancies() does. Changes nothing. Raises as stocksync.restore_source() does, no_data_found for an unknown product, SS006 where it needs movements that are archived.';
