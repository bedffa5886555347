-- Settles a change of a product in escrow: what comes in is left beside it, to be dealt to slots; what
-- goes out is taken from any slot that has it and that nobody holds. Only where no slot has enough is
-- the product itself waited for, with everybody who holds one: so nobody is refused while there is
-- enough, and nobody gets what is not there. After "escrow" as in O'Neil, The Escrow Transactional
-- Method, TODS 11 (1986).

create or replace function stocksync._settle_escrow(p_product_id bigint, p_delta numeric)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Planning for each array that comes along takes longer than what is done with most.
set plan_cache_mode = force_generic_plan
-- However little there was when this was planned, by the index: dead rows may be many.
set enable_seqscan = off
as $function$
declare
    v_slot tid;
    v_product public.products;
begin
    -- No slot: whoever has taken the product whole would meet new ones, and wait for them.
    if p_delta >= 0 then
        insert into stocksync._pending (product_id, quantity)
        select p_product_id, p_delta
        where p_delta > 0;
        return;
    end if;

    loop
        -- 1. From a slot that is free. Any of them, so that all are used up at about the same time.
        -- One that has less than it seemed stays locked: what found nothing is taken back, as two who
        -- kept a slot and went on to wait for another would deadlock.
        begin
            update stocksync._pending as q
            set quantity = q.quantity + p_delta
            where q.ctid = (
                select f.ctid
                from stocksync._pending as f
                where f.product_id = p_product_id and f.reserve + f.quantity + p_delta >= 0
                order by random()
                limit 1
                for no key update skip locked
            );
            if found then
                return;
            end if;
            raise exception 'no slot is free';
        exception when raise_exception then
            null;
        end;

        -- 2. Is there one that somebody holds? Then when that is over, if it still has enough.
        select f.ctid into v_slot
        from stocksync._pending as f
        where f.product_id = p_product_id and f.reserve + f.quantity + p_delta >= 0
        order by random()
        limit 1;
        exit when not found;

        begin
            perform from stocksync._pending as f where f.ctid = v_slot for no key update;
            raise exception 'the slot is free';
        exception when raise_exception then
            null;
        end;
    end loop;

    -- 3. From all together.
    perform stocksync._take_whole(p_product_id);

    update public.products as p
    set quantity_on_hand = trim_scale(p.quantity_on_hand + p_delta),
        total_stock = trim_scale(p.total_stock + p_delta)
    where p.id = p_product_id
    returning * into v_product;

    if v_product.quantity_on_hand < 0 then
        perform stocksync._refuse_negative(v_product, p_delta);
    end if;
    perform stocksync._deal(p_product_id);
end;
$function$;

comment on function stocksync._settle_escrow(bigint, numeric) is
    'Settles the change of a product in escrow. The caller shares the lock of its group. Raises SS001 if there is not enough.';
