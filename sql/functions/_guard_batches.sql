-- Keeps the batches what the movements made of them: whoever writes them by hand is refused. As with
-- products, settle is told from everybody else by what no setting can forge: it runs inside a
-- trigger, as a role that may write the journal. For three tables; per statement, so that settling
-- pays for it once.

create or replace function stocksync._guard_batches()
returns trigger
language plpgsql
security definer -- reads who has a pass
set search_path = pg_catalog, pg_temp
as $function$
begin
    -- stocksync.quarantine_batch() and stocksync.correct_batch()
    if stocksync._has_pass() then
        return null;
    end if;

    raise exception 'batches are derived from the movements'
        using errcode = 'SS003',
              hint = 'Insert a movement; or use stocksync.correct_batch() for a wrong number, date or cost, stocksync.quarantine_batch() to keep a batch from being sold.',
              schema = 'public', table = tg_table_name;
end;
$function$;

comment on function stocksync._guard_batches() is
    'Raises SS003 for a change of the batches that is not made by stocksync.';
