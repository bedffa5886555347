-- Settles a transaction at its end, starting from what its first statement captured. One line is settled
-- here: as stocksync._settle() does it, without all that only several need.

create or replace function stocksync.tg__journal__settle()
returns trigger
language plpgsql
security definer -- an application may not write stock
set search_path = pg_catalog, pg_temp
-- Planning for each movement that comes along takes longer than what is done with it.
set plan_cache_mode = force_generic_plan
as $function$
declare
    v_line constant stocksync._line := new.lines[1];
    v_delta constant numeric := v_line.quantity;
    v_product public.products;
    v_is_free boolean := false;
    v_unmet stocksync._want[];
begin
    if new.is_settled then
        return null;
    end if;

    if current_setting('stocksync.captured', true) is distinct from 'one'
        or cardinality(new.lines) <> 1
    then
        perform stocksync._settle(
            new.lines, new.first_at, new.booked_ids, new.unbooked_ids, new.may_pend
        );
        return null;
    end if;

    -- An older snapshot could not lock a product that has changed since.
    if new.may_pend
        and current_setting('transaction_isolation') = 'read committed'
        and not stocksync._is_hot(v_line.product_id)
    then
        update public.products as p
        set quantity_on_hand = trim_scale(p.quantity_on_hand + v_delta),
            total_stock = trim_scale(p.total_stock + v_delta)
        where p.id = (
            select f.id
            from public.products as f
            where f.id = v_line.product_id
                and f.contention is distinct from 'escrow'
            for no key update skip locked
        )
        returning * into v_product;
        v_is_free := found;
    end if;

    if v_is_free then
        perform stocksync._fold(array[v_product.id]);
    elsif new.may_pend
        and stocksync._settle_aside(v_line.product_id, v_delta, new.first_at)
    then
        return null;
    else
        update public.products as p
        set quantity_on_hand = trim_scale(p.quantity_on_hand + v_delta),
            total_stock = trim_scale(p.total_stock + v_delta)
        where p.id = v_line.product_id
        returning * into v_product;

        if not found then
            perform stocksync._refuse_orphans(v_line.product_id);
            return null;
        end if;
    end if;

    if v_product.contention = 'escrow' then
        v_product := stocksync._gather(v_product.id);
    end if;

    if v_product.tracks_batches then
        v_unmet := stocksync._allocate(new.lines, new.booked_ids, new.unbooked_ids);
    end if;

    -- Not in the statement above: where that waited for the product, it would not see the count for
    -- which it waited.
    if exists (
        select from stocksync.counts as c
        where c.product_id = v_line.product_id and c.counted_at >= new.first_at
    ) then
        perform stocksync._recheck_counts(array[v_line.product_id], new.first_at);

        select * into v_product
        from public.products as p
        where p.id = v_line.product_id;
    end if;

    if v_product.tracks_batches then
        if v_unmet is not null then
            perform stocksync._consume_rest(v_unmet);
        end if;
    elsif v_delta < 0 and v_product.quantity_on_hand < 0 then
        perform stocksync._refuse_negative(v_product, v_delta);
    end if;
    if v_product.contention = 'escrow' then
        perform stocksync._deal(v_product.id);
    end if;
    return null;
end;
$function$;

comment on function stocksync.tg__journal__settle() is
    'Applies to products what the transaction captured. Raises what stocksync._settle() raises.';

-- There is no "create or replace constraint trigger".
drop trigger if exists _500_settle on stocksync._journal;

create constraint trigger _500_settle
    after insert on stocksync._journal
    deferrable initially deferred
    for each row
    execute function stocksync.tg__journal__settle();

comment on trigger _500_settle on stocksync._journal is
    'Settles the transaction at its end, from the first statement''s own row.';
