-- Products settle otherwise from here on. Who leaves changes beside one must have ended, and what was
-- left must be in it, before anybody relies on its row alone.

create or replace function stocksync.tg_products__contention()
returns trigger
language plpgsql
security definer -- folds, which an application may not
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_before text;
    v_after text;
begin
    if new.contention not in ('wait', 'never_wait', 'escrow') then
        raise exception 'unknown mode "%"', new.contention
            using errcode = 'check_violation',
                  hint = 'Use "wait", "never_wait", "escrow", or null: as the settings say.',
                  schema = 'public', table = 'products', column = 'contention',
                  constraint = 'products_contention_known';
    end if;

    if tg_op = 'INSERT' then
        return null;
    end if;

    perform stocksync._hold_groups_in_time('{}');

    select stocksync._settles_as(old, s), stocksync._settles_as(new, s)
    into v_before, v_after
    from stocksync.settings as s;

    if v_before in ('never_wait', 'escrow') and v_before <> v_after then
        perform stocksync._hold_groups_in_time(array[new.id]);
        perform stocksync._gather(new.id);
        delete from stocksync._hot as h where h.product_id = new.id;
    end if;
    return null;
end;
$function$;

comment on function stocksync.tg_products__contention() is
    'Folds what was left beside a product that settles otherwise now. Raises check_violation for an unknown mode, lock_not_available while movements of it are being written, object_not_in_prerequisite_state above READ COMMITTED.';

create or replace trigger _100_contention_of_insert
    after insert on public.products
    for each row
    when (new.contention not in ('wait', 'never_wait', 'escrow'))
    execute function stocksync.tg_products__contention();

comment on trigger _100_contention_of_insert on public.products is 'Refuses an unknown mode.';

create or replace trigger _100_contention_of_update
    -- the columns are not among those that settle updates
    after update of contention, allow_negative, tracks_batches on public.products
    for each row
    when (
        old.contention is distinct from new.contention
        or old.allow_negative is distinct from new.allow_negative
        or old.tracks_batches <> new.tracks_batches
    )
    execute function stocksync.tg_products__contention();

comment on trigger _100_contention_of_update on public.products is
    'Waits for whoever leaves changes beside the product, and folds them.';
