-- Capture of inserted movements: their sums per product, location, day and type, after a look at
-- the types. One statement trigger with a transition table, so that a row or half a million of them
-- cost one pass.

create or replace function stocksync.tg_stock_movements__capture_insert()
returns trigger
language plpgsql
security definer -- writes tables that no application may write
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lines stocksync._line[];
    v_is_valid boolean;
    v_has_reversals boolean;
    v_has_changed boolean;
begin
    select
        array_agg(row(
            c.product_id, c.location_id, c.day, c.transaction_type,
            case c.movement_type when 'in' then c.quantity else -c.quantity end, c.movements
        )::stocksync._line),
        bool_and(coalesce(
            -- not a join: most statements insert one row, and a join costs them more to set up
            (c.movement_type = (
                select t.movement_type
                from public.transaction_types as t
                where t.name = c.transaction_type
            )) <> c.is_reversal,
            false
        )),
        bool_or(c.is_reversal)
    into v_lines, v_is_valid, v_has_reversals
    from (
        select
            n.product_id,
            n.location_id,
            (n.occurred_at at time zone (select s.time_zone from stocksync.settings as s))::date
                as day,
            n.transaction_type,
            n.movement_type,
            n.reverses_id is not null as is_reversal,
            sum(n.quantity) as quantity,
            count(*)::integer as movements
        from new_rows as n
        group by 1, 2, 3, 4, 5, 6
    ) as c;

    if not v_is_valid then
        perform stocksync._check_type(n.transaction_type, n.movement_type)
        from new_rows as n
        where n.reverses_id is null;
    end if;
    if v_has_reversals then
        perform stocksync._check_reversal(n) from new_rows as n where n.reverses_id is not null;
    end if;

    v_has_changed := stocksync._capture(v_lines);
    return null;
end;
$function$;

comment on function stocksync.tg_stock_movements__capture_insert() is
    'Captures inserted movements. Raises foreign_key_violation for an unknown transaction type, check_violation for a contradicting direction or a reversal that does not match.';

create or replace trigger _500_capture_insert
    after insert on public.stock_movements
    referencing new table as new_rows
    for each statement
    execute function stocksync.tg_stock_movements__capture_insert();

comment on trigger _500_capture_insert on public.stock_movements is
    'Sums what an insert adds, for settle to apply at commit.';
