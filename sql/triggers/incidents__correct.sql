-- A correction is an incident: inserting the row is the only way to correct a stock, so nothing
-- heals without one. The difference is added, never the value overwritten: movements committed
-- since the comparison are kept. Only what is no number is replaced.

create or replace function stocksync.tg_incidents__correct()
returns trigger
language plpgsql
security definer -- stock is written by nobody else
set search_path = pg_catalog, pg_temp
as $function$
declare
    -- Nothing can be added to NaN or Infinity, and nothing was: what comes after starts from here.
    v_is_number constant boolean := abs(new.before) < 'Infinity';
    v_pending numeric := 0;
begin
    if not v_is_number then
        select coalesce(sum(w.quantity), 0) into v_pending
        from stocksync._pending as w
        where w.product_id = new.product_id;
    end if;

    update public.products as p
    set quantity_on_hand = case
            when new.class <> 'quantity_on_hand' then p.quantity_on_hand
            when v_is_number then trim_scale(p.quantity_on_hand + (new.after - new.before))
            else new.after - v_pending
        end,
        total_stock = case
            when new.class <> 'total_stock' then p.total_stock
            when v_is_number then trim_scale(p.total_stock + (new.after - new.before))
            else new.after - v_pending
        end,
        status = coalesce(new.images -> 'after' ->> 'status', p.status),
        is_deleted = coalesce((new.images -> 'after' ->> 'is_deleted')::boolean, p.is_deleted)
    where p.id = new.product_id;

    if not found then
        raise exception 'the stock of product % could not be updated', new.product_id
            using errcode = 'triggered_action_exception',
                  hint = 'The product is gone, or a trigger, rule or policy suppresses the update.',
                  schema = 'public', table = 'products', column = 'quantity_on_hand';
    end if;

    -- Its slots were dealt of what was wrong.
    perform stocksync._gather(p.id)
    from public.products as p
    where p.id = new.product_id and p.contention = 'escrow';
    return null;
end;
$function$;

comment on function stocksync.tg_incidents__correct() is
    'Adds the difference of an incident to the column of products that its class names, or sets the status and is_deleted that it says. Raises triggered_action_exception if that changes no row.';

create or replace trigger _500_correct
    after insert on stocksync.incidents
    for each row
    when (new.class in ('quantity_on_hand', 'total_stock', 'status'))
    execute function stocksync.tg_incidents__correct();

comment on trigger _500_correct on stocksync.incidents is
    'Corrects the stock of the product by the difference, or its status.';
