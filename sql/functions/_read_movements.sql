-- The lines of a movements file, each text beside what it means, null where it means nothing. Made
-- once, so that checking, comparing and booking see the same, and no text is read twice.

create or replace function stocksync._read_movements()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if to_regclass('pg_temp.stocksync_import_movements') is not null then
        drop table pg_temp.stocksync_import_movements;
    end if;

    create temporary table stocksync_import_movements on commit drop as
    select
        s.line,
        s.problem,
        s.sku,
        s.product_id as product_id_text,
        case
            when s.sku is not null then p.id
            when s.product_id ~ '^[0-9]{1,18}$'
                then (select i.id from public.products as i where i.id = s.product_id::bigint)
        end as product_id,
        s.location,
        s.location_id as location_id_text,
        case
            when s.location is not null then l.id
            when s.location_id ~ '^[0-9]{1,18}$'
                then (select i.id from public.locations as i where i.id = s.location_id::bigint)
        end as location_id,
        s.transaction_type,
        t.movement_type as direction,
        s.movement_type,
        s.quantity as quantity_text,
        stocksync._as_numeric(s.quantity) as quantity,
        s.occurred_at as occurred_at_text,
        stocksync._as_timestamptz(s.occurred_at, c.time_zone) as occurred_at,
        s.unit_cost as unit_cost_text,
        stocksync._as_numeric(s.unit_cost) as unit_cost,
        s.reference,
        s.idempotency_key,
        s.user_id,
        s.notes,
        s.metadata as metadata_text,
        stocksync._as_jsonb(s.metadata) as metadata,
        s.batch_number,
        s.expiry_date as expiry_date_text,
        case
            -- a day alone
            when length(s.expiry_date) = 10
                then (stocksync._as_timestamptz(s.expiry_date, 'UTC') at time zone 'UTC')::date
        end as expiry_date
    from pg_temp.stocksync_import as s
    cross join stocksync.settings as c
    left join public.transaction_types as t on t.name = s.transaction_type
    left join public.products as p on p.sku = s.sku
    left join public.locations as l on l.name = s.location;
end;
$function$;

comment on function stocksync._read_movements() is
    'Makes the temporary table stocksync_import_movements: what stocksync_import says and what that is.';
