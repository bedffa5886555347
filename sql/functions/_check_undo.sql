-- Whether what is to be undone can be: asked before a dry run as before a live one.

create or replace function stocksync._check_undo(
    p_run_id bigint,
    p_since timestamptz,
    p_type text,
    p_reference text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run stocksync.runs;
    v_undo_run_id bigint;
    v_archive stocksync.archives;
begin
    -- 1. What is asked.
    if num_nonnulls(p_run_id, p_since) <> 1
        or (p_run_id is not null and num_nonnulls(p_type, p_reference) > 0)
    then
        raise exception 'either a run is undone or movements since a time'
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the number of a run; or a time, and a type and a reference if need be.';
    elsif p_since > now() then
        raise exception '% is in the future', p_since
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the time since when wrong movements were recorded.';
    elsif p_type is not null
        and not exists (select from public.transaction_types as t where t.name = p_type)
    then
        raise exception 'unknown transaction type "%"', p_type
            using errcode = 'invalid_parameter_value',
                  hint = 'Use a name of transaction_types.';
    end if;

    -- 2. The run.
    if p_run_id is not null then
        select * into v_run from stocksync.runs as u where u.id = p_run_id;

        if not found then
            raise exception 'run % does not exist', p_run_id
                using errcode = 'no_data_found',
                      hint = 'Find its number with "stocksync log --grep run=", or in stocksync.runs.';
        elsif v_run.command = 'undo' then
            raise exception 'run % is an undo, and a reversal cannot be reversed', p_run_id
                using errcode = 'object_not_in_prerequisite_state',
                      hint = 'Import again, with new idempotency keys, or insert the movements anew.';
        elsif v_run.finished_at is null and exists (
            select
            from pg_stat_activity as a
            where a.pid = v_run.pid
                and a.datname = current_database()
                and a.backend_start <= v_run.started_at
                -- of other roles' sessions only some may see it
                and a.state is distinct from 'idle'
        ) then
            raise exception 'run % has not ended', p_run_id
                using errcode = 'object_in_use', hint = 'Wait until it has, or cancel it.';
        end if;

        select u.id into v_undo_run_id
        from stocksync.runs as u
        where u.command = 'undo' and u.options ->> 'run' = p_run_id::text;

        if found then
            raise exception 'run % was undone by run %', p_run_id, v_undo_run_id
                using errcode = 'object_not_in_prerequisite_state',
                      hint = format('See what it did: select * from stocksync.undone(%s).', v_undo_run_id);
        elsif isempty(v_run.movement_ids)
            and not exists (select from stocksync._undo_corrections(p_run_id))
        then
            raise exception 'run % changed no stock', p_run_id
                using errcode = 'object_not_in_prerequisite_state',
                      detail = format('It was "%s", and neither booked movements nor corrected a quantity.',
                          v_run.command),
                      hint = 'Find the run with "stocksync log". What was imported before stocksync kept the movements of imports is undone with "stocksync undo --movements --since TIME".';
        end if;
    end if;

    -- 3. What is archived can be neither reversed nor refused one by one.
    select * into v_archive
    from stocksync.archives as a
    where a.restored_at is null
        and (a.movement_ids && v_run.movement_ids or a.last_recorded_at >= p_since)
    order by a.id
    limit 1;

    if found then
        raise exception 'movements that are to be undone are archived'
            using errcode = 'SS006',
                  detail = format('Movements before %s are in "%s".',
                      v_archive.archived_before, v_archive.file),
                  hint = 'Put them back with "stocksync archive --restore FILE"'
                      || case when p_since is not null then ', or give a later time' else '' end || '.';
    end if;
end;
$function$;

comment on function stocksync._check_undo(bigint, timestamptz, text, text) is
    'Raises what stocksync.undo() raises before it does anything.';
