-- What is closed is final: no movement is added to it, none is changed.

create or replace function stocksync._refuse_closed(p_at timestamptz)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_before timestamptz;
begin
    -- An older snapshot would not see a closing: see stocksync._capture().
    if current_setting('transaction_isolation') <> 'read committed' then
        perform from stocksync._closed as c where c.xmax <> 0 for share skip locked;
    end if;

    select c.before into v_before from stocksync._closed as c;

    if p_at < v_before then
        raise exception 'the period of % is closed', p_at
            using errcode = 'SS005',
                  detail = format('Movements before %s are final.', v_before),
                  hint = 'Date the movement later; or set late_movements = ''first_open_day'' in stocksync.settings; or take the closing back with "stocksync close --reopen".',
                  schema = 'public', table = 'stock_movements', column = 'occurred_at';
    end if;
end;
$function$;

comment on function stocksync._refuse_closed(timestamptz) is
    'Raises SS005 if movements of this time are closed; null is never.';
