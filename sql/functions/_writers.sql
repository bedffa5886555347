-- Who is writing movements: whoever does holds this lock on the table until its transaction ends.

create or replace function stocksync._writers(p_are_prepared boolean default null)
returns text[]
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(array_agg(distinct l.virtualtransaction), '{}')
    from pg_locks as l
    where l.locktype = 'relation'
        and l.database = (select d.oid from pg_database as d where d.datname = current_database())
        and l.relation = 'public.stock_movements'::regclass
        and l.mode = 'RowExclusiveLock'
        and l.granted
        and l.pid is distinct from pg_backend_pid()
        and (p_are_prepared is null or p_are_prepared or l.pid is not null)
        and (p_are_prepared is distinct from true or l.pid is null);
$function$;

comment on function stocksync._writers(boolean) is
    'The transactions that have written movements and not ended, by their virtual numbers: all, or only those that are, or are not, prepared for a two-phase commit.';
