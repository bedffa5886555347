-- The table into which an archive is read back, and out of which it is restored. Files are kept for
-- longer than tables stay as they are: those of 0.3.0 know nothing of batches.

-- Until 0.3.0 it had no argument.
drop function if exists stocksync.stage_archive();

create or replace function stocksync.stage_archive(p_header text default null)
returns text
language plpgsql
volatile
security definer -- whoever reads the table back later must know what it is
set search_path = pg_catalog, pg_temp
as $function$
begin
    if to_regclass('pg_temp.stocksync_archive') is not null then
        drop table pg_temp.stocksync_archive;
    end if;

    create temporary table stocksync_archive (like public.stock_movements) on commit drop;
    grant select, insert on table pg_temp.stocksync_archive to public; -- that is this session

    -- A session's habits must not decide what a file says, now or in ten years: until the end of the
    -- transaction only ISO 8601 is read.
    set local datestyle = 'ISO, YMD';

    -- COPY compares the names, and so refuses what is neither.
    return (
        select format(
            'copy pg_temp.stocksync_archive (%s) from stdin with (format csv, header match, encoding ''UTF8'')',
            string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        )
        from pg_attribute as a
        where a.attrelid = 'public.stock_movements'::regclass
            and a.attnum > 0
            and not a.attisdropped
            and (a.attname not in ('batch_id', 'batch_number', 'expiry_date')
                or p_header is null
                or a.attname = any (string_to_array(rtrim(p_header, E'\r\n'), ',')))
    );
end;
$function$;

comment on function stocksync.stage_archive(text) is
    'Makes the temporary table stocksync_archive, until the end of the transaction, and returns the COPY that fills it from the file of an archive whose first line is p_header; null: of one written by this version. From psql: begin; select it; \copy stocksync_archive (columns as in the first line) from FILE with (format csv, header match, encoding ''UTF8''). Reads dates in ISO 8601 only.';
