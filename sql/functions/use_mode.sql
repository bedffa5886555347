-- Says how movements settle. Who writes a product is waited for, and what was left beside it is folded.

create or replace function stocksync.use_mode(p_mode text, p_product_ids bigint[] default null)
returns table (
    product_id bigint, sku text, name text, mode text, settles_as text, pending bigint
)
language plpgsql
volatile
security definer -- an operator does not update the settings by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_until constant timestamptz := stocksync._patience_ends();
begin
    if p_mode not in ('wait', 'never_wait', 'escrow') then
        raise exception 'unknown mode "%"', p_mode
            using errcode = 'invalid_parameter_value',
                  hint = 'Use "wait", "never_wait", or for single products "escrow".';
    elsif p_product_ids is null and (p_mode is null or p_mode = 'escrow') then
        raise exception '"%" is a mode of single products', coalesce(p_mode, 'default')
            using errcode = 'invalid_parameter_value',
                  hint = 'Name them.';
    end if;

    perform stocksync.check_scope(i, null) from unnest(p_product_ids) as i;
    perform stocksync._settle_now();

    if p_product_ids is null then
        loop
            begin
                update stocksync.settings as s set contention = p_mode where s.contention <> p_mode;
                exit;
            exception when lock_not_available then
                if clock_timestamp() > v_until then
                    raise;
                end if;
            end;
        end loop;
    else
        perform stocksync._let_all_wait(p_product_ids);

        update public.products as p
        set contention = p_mode
        where p.id = any (p_product_ids) and p.contention is distinct from p_mode;
    end if;

    return query
    select m.*
    from stocksync.list_modes(p_product_ids) as m
    where p_product_ids is not null or m.product_id is null;
end;
$function$;

comment on function stocksync.use_mode(text, bigint[]) is
    'Sets how movements of these products settle, or (null) of all that say nothing themselves: "wait", "never_wait"; for single products also "escrow", and null: as the settings say. Returns what stocksync.list_modes() says of them. The same as an update of products.contention or settings.contention, but for that it waits for whoever is writing. Raises invalid_parameter_value for another mode, no_data_found for an unknown product, object_not_in_prerequisite_state above READ COMMITTED.';
