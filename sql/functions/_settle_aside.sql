-- Settles what need not wait for its product beside it: under the lock of the group, as the product
-- settles now, whatever it did when the change was captured.

create or replace function stocksync._settle_aside(
    p_product_id bigint,
    p_delta numeric,
    p_first_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_settles_as text;
    v_is_read_committed constant boolean :=
        current_setting('transaction_isolation') = 'read committed';
    v_is_known boolean;
begin
    perform pg_advisory_xact_lock_shared(stocksync._group_key(stocksync._group(p_product_id)));
    if not v_is_read_committed then
        perform stocksync._share_groups(array[p_product_id]);
    end if;

    -- What comes before a count is looked at under the lock of the product.
    select stocksync._settles_as(p, s),
        not v_is_read_committed
            or exists (select from stocksync._hot as h where h.product_id = p.id)
    into v_settles_as, v_is_known
    from public.products as p
    cross join stocksync.settings as s
    where p.id = p_product_id
        and not exists (
            select from stocksync.counts as c
            where c.product_id = p.id and c.counted_at >= p_first_at
        );

    if v_settles_as = 'never_wait' then
        insert into stocksync._pending (product_id, quantity) values (p_product_id, p_delta);
        if not v_is_known then
            perform stocksync._mark_busy(array[p_product_id]);
        end if;
        return true;
    elsif v_settles_as = 'escrow' and not stocksync._is_back_dated(p_first_at) then
        perform stocksync._settle_escrow(p_product_id, p_delta);
        return true;
    end if;

    perform stocksync._take_whole(p_product_id);
    return false;
end;
$function$;

comment on function stocksync._settle_aside(bigint, numeric, timestamptz) is
    'Leaves the change beside the product, or takes it from a slot, and returns true; false if the product has to be waited for. Raises SS001 where there is not enough in escrow.';
