-- The lines of a counts file, each text beside what it means, null where it means nothing.

create or replace function stocksync._read_counts()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if to_regclass('pg_temp.stocksync_import_counts') is not null then
        drop table pg_temp.stocksync_import_counts;
    end if;

    create temporary table stocksync_import_counts on commit drop as
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
        s.quantity as quantity_text,
        stocksync._as_numeric(s.quantity) as quantity,
        s.counted_at as counted_at_text,
        case
            when stocksync._as_timestamptz(s.counted_at, c.time_zone) is not null
                then stocksync.moment(s.counted_at)
        end as counted_at,
        s.user_id,
        s.notes,
        s.batch_number,
        null::bigint as batch_id,
        null::text as batch_problem
    from pg_temp.stocksync_import as s
    cross join stocksync.settings as c
    left join public.products as p on p.sku = s.sku
    left join public.locations as l on l.name = s.location;

    -- As stocksync.batch_id() finds them, and without an exception.
    update pg_temp.stocksync_import_counts as u
    set batch_id = case when f.batches = 1 then f.batch_id end,
        batch_problem = case f.batches
            when 0 then 'unknown batch'
            when 1 then null
            else 'is the number of several batches'
        end
    from (
        select s.line, count(b.id) as batches, min(b.id) as batch_id
        from pg_temp.stocksync_import_counts as s
        left join lateral stocksync._batches_at(s.product_id, s.batch_number, s.location_id) as b
            on true
        where s.batch_number is not null
        group by s.line
    ) as f
    where f.line = u.line;
end;
$function$;

comment on function stocksync._read_counts() is
    'Makes the temporary table stocksync_import_counts: what stocksync_import says and what that is.';
