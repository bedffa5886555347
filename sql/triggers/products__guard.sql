-- Keeps the derived columns of products derived: whoever writes them by hand is kept out, refused
-- or let through with a warning.
--
-- Settle and corrections are told from everybody else by what no setting can forge: they run inside
-- a trigger, as a role that may write the journal. A trigger of the owner's own passes for one of
-- them; doctor reports the trigger, and the next comparison what it did. The condition is this
-- short, and the trigger an AFTER trigger, because every movement that settles pays for them: the
-- condition is prepared anew each time, and a BEFORE trigger would lock the row a second time.

create or replace function stocksync.tg_products__guard()
returns trigger
language plpgsql
security definer -- puts back what an application may not write, and logs
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_before numeric := 0;
    v_before_total numeric := 0;
    v_mode text;
begin
    if tg_op = 'UPDATE' then
        v_before := old.quantity_on_hand;
        v_before_total := old.total_stock;
    end if;
    if new.quantity_on_hand = v_before and new.total_stock = v_before_total then
        return null;
    end if;

    -- NaN and Infinity would survive every later addition: no correction could heal them.
    if not (abs(new.quantity_on_hand) < 'Infinity' and abs(new.total_stock) < 'Infinity') then
        raise exception 'the stock of "%" must be a finite number', new.sku
            using errcode = 'check_violation',
                  schema = 'public', table = 'products', column = 'quantity_on_hand',
                  constraint = 'products_stock_finite';
    end if;

    -- An ORM that saves all columns of a row must not fail for it.
    select case when stocksync._is_application() then 'keep_out' else s.manual_updates end
    into v_mode
    from stocksync.settings as s;

    if v_mode = 'refuse' then
        raise exception 'the stock of "%" is derived from its movements', new.sku
            using errcode = 'SS003',
                  hint = 'Insert a movement, for example of type stock_count_correction.',
                  schema = 'public', table = 'products', column = 'quantity_on_hand';
    end if;

    perform stocksync._write_log(
        'warning',
        case v_mode
            when 'keep_out' then 'manual update of stock kept out'
            else 'manual update of stock'
        end,
        new.id,
        jsonb_build_object(
            'sku', new.sku,
            'old_stock', v_before, 'new_stock', new.quantity_on_hand,
            'old_total', v_before_total, 'new_total', new.total_stock
        )
    );

    -- The difference is taken back, not the old value put back: what has settled since then, after
    -- SET CONSTRAINTS ... IMMEDIATE, is kept.
    if v_mode = 'keep_out' then
        update public.products as p
        set quantity_on_hand = trim_scale(p.quantity_on_hand - (new.quantity_on_hand - v_before)),
            total_stock = trim_scale(p.total_stock - (new.total_stock - v_before_total))
        where p.id = new.id;
    end if;

    -- Its slots were dealt of what it had.
    if new.contention = 'escrow' then
        perform stocksync._gather(new.id);
    end if;
    return null;
end;
$function$;

comment on function stocksync.tg_products__guard() is
    'Keeps a manual change of the derived columns out if an application made it; otherwise does as stocksync.settings.manual_updates says. Raises SS003 where that refuses it.';

create or replace trigger _500_guard_insert
    after insert on public.products
    for each row
    when (
        pg_trigger_depth() = 0
        or not has_table_privilege('stocksync._journal'::regclass, 'insert')
    )
    execute function stocksync.tg_products__guard();

comment on trigger _500_guard_insert on public.products is
    'Notices a product that is inserted with stock it has no movements for.';

create or replace trigger _500_guard_update
    -- no list of columns: another trigger may have changed them on the way
    after update on public.products
    for each row
    when (
        pg_trigger_depth() = 0
        or not has_table_privilege('stocksync._journal'::regclass, 'insert')
    )
    execute function stocksync.tg_products__guard();

comment on trigger _500_guard_update on public.products is
    'Notices a manual change of the stock.';
