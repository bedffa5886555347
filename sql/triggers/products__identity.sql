-- A product's number stands for one stock. What a transaction has captured and not settled belongs
-- to the product that has the number now: it is settled before another row can take the number, and
-- a product keeps its own.

create or replace function stocksync.tg_products__identity()
returns trigger
language plpgsql
security definer -- settles, which an application cannot
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_product_id bigint;
    v_archived_id bigint;
    v_pending_ids bigint[];
begin
    if tg_op = 'UPDATE' then
        raise exception 'the number of product % cannot change', old.id
            using errcode = 'restrict_violation',
                  hint = 'Insert a new product; change the sku to rename one.',
                  schema = 'public', table = 'products', column = 'id',
                  constraint = 'products_id_is_fixed';
    end if;

    if tg_op = 'DELETE' then
        select min(o.id) into v_product_id
        from old_rows as o
        join public.products as p on p.id = o.id;

        if v_product_id is not null then
            raise exception 'product % is deleted and inserted again in one statement', v_product_id
                using errcode = 'restrict_violation',
                      hint = 'Use two statements, so that the movements of the old product settle in between.',
                      schema = 'public', table = 'products', column = 'id',
                      constraint = 'products_id_is_fixed';
        end if;

        -- Whoever has left changes beside one ends first, and nobody else does.
        perform stocksync._hold_groups_in_time('{}');

        select array_agg(o.id) into v_pending_ids
        from old_rows as o
        cross join stocksync.settings as s
        where stocksync._settles_as(o, s) in ('never_wait', 'escrow');

        perform stocksync._hold_groups_in_time(v_pending_ids) where v_pending_ids is not null;

        -- Counts are kept, but say nothing of the next product of that number.
        update stocksync.counts as c
        set balance = null
        from old_rows as o
        where c.product_id = o.id and c.balance is not null;
    else
        -- An older snapshot would miss movements that were committed since.
        if current_setting('transaction_isolation') <> 'read committed' then
            raise exception 'products can only be truncated at READ COMMITTED'
                using errcode = 'object_not_in_prerequisite_state',
                      hint = 'Begin the transaction with isolation level read committed.',
                      schema = 'public', table = 'products';
        end if;

        update stocksync.counts as c set balance = null where c.balance is not null;
    end if;

    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle deferred;

    -- Instead of foreign keys, which lock the product in each insert of a movement and refuse every
    -- TRUNCATE that does not name a table of ours. In one statement, as an archive that is being
    -- restored is in one of the two places.
    if tg_op = 'DELETE' then
        select
            min(o.id) filter (where exists (
                select from public.stock_movements as m where m.product_id = o.id
            )),
            min(o.id) filter (where exists (
                select from stocksync.archived_daily as a where a.product_id = o.id
            ))
        into v_product_id, v_archived_id
        from old_rows as o;
    else
        select
            (select min(m.product_id) from public.stock_movements as m),
            (select min(a.product_id) from stocksync.archived_daily as a)
        into v_product_id, v_archived_id;
    end if;

    if v_product_id is not null then
        raise exception 'product % has movements', v_product_id
            using errcode = 'foreign_key_violation',
                  hint = 'Keep the product, and set is_deleted instead.',
                  schema = 'public', table = 'stock_movements', column = 'product_id',
                  constraint = 'stock_movements_product_exists';
    elsif v_archived_id is not null then
        raise exception 'product % has archived movements', v_archived_id
            using errcode = 'foreign_key_violation',
                  hint = 'Keep the product, and set is_deleted instead.',
                  schema = 'public', table = 'products', column = 'id',
                  constraint = 'products_archived_is_kept';
    end if;

    -- Its batches go with it, and what waits for it, before another can take its number.
    with gone as (
        delete from public.stock_batches as b
        where not exists (select from public.products as p where p.id = b.product_id)
        returning b.id
    ),
    consumed as (
        delete from public.batch_consumptions as c using gone as g where c.batch_id = g.id
    )
    delete from public.batch_receipts as c using gone as g where c.batch_id = g.id;

    delete from stocksync._pending as q
    where not exists (select from public.products as p where p.id = q.product_id);

    delete from stocksync._hot as h
    where not exists (select from public.products as p where p.id = h.product_id);
    return null;
end;
$function$;

comment on function stocksync.tg_products__identity() is
    'Settles at once where products are deleted or truncated. Raises restrict_violation if the number of a product changes, foreign_key_violation if one with movements goes, archived or not, lock_not_available while movements of it are being written.';

create or replace trigger _100_identity_of_update
    -- not BEFORE: that would make every settled update lock its row a second time
    after update of id on public.products
    for each row
    when (old.id <> new.id)
    execute function stocksync.tg_products__identity();

comment on trigger _100_identity_of_update on public.products is
    'Keeps the number of a product.';

create or replace trigger _500_identity_of_delete
    after delete on public.products
    referencing old table as old_rows
    for each statement
    execute function stocksync.tg_products__identity();

comment on trigger _500_identity_of_delete on public.products is
    'Settles before another product can take the number of a deleted one.';

create or replace trigger _500_identity_of_truncate
    after truncate on public.products
    for each statement
    execute function stocksync.tg_products__identity();

comment on trigger _500_identity_of_truncate on public.products is
    'Settles before another product can take the number of a truncated one.';
