-- What the database itself can tell about the health of its installation. Pending migrations and
-- files that are newer than the database are told by the program: only it has them.

create or replace function stocksync.doctor()
returns table (check_name text, status text, detail text, cure text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select * from stocksync._doctor_objects()
    union all
    select * from stocksync._doctor_privileges()
    union all
    select * from stocksync._doctor_operation()
    union all
    select * from stocksync._doctor_schedule()
    union all
    select * from stocksync._doctor_alerts()
    union all
    select * from stocksync._doctor_server()
$function$;

comment on function stocksync.doctor() is
    'One row for each thing checked: status "ok", "warning" or "failure", and for the last two what cures it.';
