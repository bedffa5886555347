-- The table into which an archive is read back, and out of which it is restored.

create or replace function stocksync.stage_archive()
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

    return 'copy pg_temp.stocksync_archive from stdin with (format csv, header match, encoding ''UTF8'')';
end;
$function$;

comment on function stocksync.stage_archive() is
    'Makes the temporary table stocksync_archive, until the end of the transaction, and returns the COPY that fills it from the file of an archive. From psql: begin; select it; \copy stocksync_archive from FILE with (format csv, header match, encoding ''UTF8''). Reads dates in ISO 8601 only.';
