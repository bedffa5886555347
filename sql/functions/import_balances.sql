-- Balances from outside, an old system or a printed list, as a snapshot that a restore can start from.

create or replace function stocksync.import_balances(p_file text, p_from timestamptz)
returns table (snapshot_id bigint, balances bigint, problems bigint)
language plpgsql
volatile
-- compiling takes longer than running
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform stocksync.check_scope(null, p_from);
    balances := 0;

    select count(*) into problems from stocksync.import_problems('balances');

    if problems = 0 then
        select count(*), stocksync._keep_balances(
            p_file, p_from,
            array_agg(c.product_id order by c.line),
            array_agg(c.location_id order by c.line),
            array_agg(c.quantity order by c.line)
        )
        into balances, snapshot_id
        from pg_temp.stocksync_import_counts as c;
    end if;
    return next;
end;
$function$;

comment on function stocksync.import_balances(text, timestamptz) is
    'Keeps the balances in stocksync_import (sku or product_id, quantity, and location or location_id where there are places) as a snapshot of just before p_from and returns its number, for stocksync.restore(), how many they are, and how many problems there are: if any, nothing was done, and stocksync.import_problems(''balances'') tells them. What is not in the file is left as it is by a restore. p_file is the name for the record. Raises invalid_parameter_value for a time in the future.';
