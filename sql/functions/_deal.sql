-- Deals what a product in escrow has to slots, each of which somebody may take from while others take
-- from the rest. What slots say that somebody holds is theirs.

create or replace function stocksync._deal(p_product_id bigint)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- However little there was when this was planned, by the index: dead rows may be many.
set enable_seqscan = off
as $function$
declare
    -- twice as many as there are sessions in most pools: who takes finds one that nobody holds
    v_slots constant integer := 32;
    v_free numeric;
    v_share numeric;
begin
    select p.quantity_on_hand - coalesce((
        select sum(q.reserve) from stocksync._pending as q where q.product_id = p.id
    ), 0)
    into v_free
    from public.products as p
    cross join stocksync.settings as s
    where p.id = p_product_id and stocksync._settles_as(p, s) = 'escrow';

    if coalesce(v_free, 0) <= 0 then
        return;
    end if;

    -- Whole units, as far as there are: whoever buys one finds it in one slot.
    v_share := trunc(v_free / v_slots);

    insert into stocksync._pending (product_id, quantity, reserve)
    select p_product_id, 0, d.reserve
    from (
        select v_share + case
            when n <= trunc(v_free) - v_share * v_slots then 1 else 0
        end + case n when 1 then v_free - trunc(v_free) else 0 end as reserve
        from generate_series(1, v_slots) as n
    ) as d
    where d.reserve > 0;
end;
$function$;

comment on function stocksync._deal(bigint) is
    'Makes slots of what is on hand of a product in escrow and in no slot yet; does nothing for others. The caller holds the product.';
