-- Capture of deleted movements: only somebody privileged can delete one, but the stock follows
-- exactly all the same, and the log tells.

create or replace function stocksync.tg_stock_movements__capture_delete()
returns trigger
language plpgsql
security definer -- writes tables that no application may write
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lines stocksync._line[];
    v_first_at timestamptz;
begin
    if stocksync._has_pass() then
        return null;
    end if;
    perform stocksync._refuse_closed((select min(o.occurred_at) from old_rows as o));

    select array_agg(row(
        c.product_id, c.location_id, c.day, c.transaction_type, c.quantity, c.movements
    )::stocksync._line), min(c.first_at)
    into v_lines, v_first_at
    from (
        select
            o.product_id,
            o.location_id,
            (o.occurred_at at time zone s.time_zone)::date as day,
            o.transaction_type,
            sum(case o.movement_type when 'in' then -o.quantity else o.quantity end) as quantity,
            -count(*)::integer as movements,
            min(o.occurred_at) as first_at
        from old_rows as o
        cross join stocksync.settings as s
        group by 1, 2, 3, 4
    ) as c;

    perform stocksync._capture(
        v_lines, v_first_at, null,
        (
            select array_agg(o.id)
            from old_rows as o
            where (select p.tracks_batches from public.products as p where p.id = o.product_id)
        ),
        stocksync._may_pend(v_lines)
    );

    if stocksync._refuses_negative() then
        insert into stocksync._back_dated (effects)
        select array_agg(row(
            o.product_id, o.occurred_at,
            case o.movement_type when 'in' then -o.quantity else o.quantity end
        )::stocksync._effect)
        from old_rows as o
        join public.products as p on p.id = o.product_id
        cross join stocksync.settings as s
        where not coalesce(p.allow_negative, s.allow_negative)
        having count(*) > 0;
    end if;

    perform stocksync._log_changed_movements(
        'movements deleted', (select array_agg(o.id order by o.id) from old_rows as o)
    );
    return null;
end;
$function$;

comment on function stocksync.tg_stock_movements__capture_delete() is
    'Captures deleted movements and logs a warning. Raises SS005 where the period is closed.';

create or replace trigger _500_capture_delete
    after delete on public.stock_movements
    referencing old table as old_rows
    for each statement
    execute function stocksync.tg_stock_movements__capture_delete();

comment on trigger _500_capture_delete on public.stock_movements is
    'Sums what a delete takes away, for settle to apply at commit.';
