-- What the movements in the staging table say, as one value: whoever puts an archive back must bring
-- what was taken away, to the letter. The checksum of the file is only his word.

create or replace function stocksync._staged_sha256()
returns text
language plpgsql
stable
set datestyle = 'ISO'
set timezone = 'UTC'
set search_path = pg_catalog, pg_temp
as $function$
begin
    return (
        -- digests of digests, as one text of ten million movements is longer than a value can be
        select encode(sha256(string_agg(b.digest, '' order by b.block)), 'hex')
        from (
            select r.number / 10000 as block,
                sha256(string_agg(sha256(convert_to(r.content, 'UTF8')), '' order by r.number))
                    as digest
            from (
                select row_number() over (order by a.id) as number,
                    (a.id, a.product_id, a.location_id, a.movement_type, a.transaction_type,
                     a.quantity, a.occurred_at, a.recorded_at, a.unit_cost, a.reference,
                     a.idempotency_key, a.reverses_id, a.user_id, a.notes, a.metadata)::text
                    -- what was archived before there were batches stays as it is
                    || case
                        when num_nonnulls(a.batch_id, a.batch_number, a.expiry_date) > 0
                            then (a.batch_id, a.batch_number, a.expiry_date)::text
                        else ''
                    end as content
                from pg_temp.stocksync_archive as a
            ) as r
            group by 1
        ) as b
    );
end;
$function$;

comment on function stocksync._staged_sha256() is
    'SHA-256, in hexadecimal, over the movements in stocksync_archive in the order of their numbers; null if there are none.';
