-- Takes back what a run did, or a batch of movements, as a ledger does: by opposite movements and
-- opposite corrections, never by deleting. All in one transaction, that of the caller: whole or not
-- at all.

create or replace procedure stocksync.undo(
    in p_run_id bigint default null,
    in p_since timestamptz default null,
    in p_type text default null,
    in p_reference text default null,
    inout p_undo_run_id bigint default null
)
language plpgsql
security definer -- nobody writes runs and incidents by hand
set jit = off
set work_mem = '64MB'
set search_path = pg_catalog, pg_temp
as $procedure$
declare
    v_note text;
    v_counts record;
    v_reversed bigint := 0;
    v_ids int8multirange := '{}';
    v_corrected bigint;
begin
    -- 1. The second of two waits, and then finds what the first has done.
    perform pg_advisory_xact_lock(stocksync._lock_key('undo'));
    perform stocksync._check_undo(p_run_id, p_since, p_type, p_reference);

    select * into v_counts
    from stocksync.undo_counts(p_run_id, p_since, p_type, p_reference);

    p_undo_run_id := null;
    if v_counts.movements = 0 and v_counts.corrections = 0 then
        return;
    end if;

    insert into stocksync.runs (command, options, pid)
    values (
        'undo',
        jsonb_strip_nulls(jsonb_build_object(
            'run', p_run_id, 'since', p_since, 'type', p_type, 'reference', p_reference
        )),
        pg_backend_pid()
    )
    returning id into p_undo_run_id;

    -- 2. The opposite of each movement, dated as the movement itself, so that the past becomes right
    -- too. One that somebody else reverses meanwhile is left to him.
    v_note := case
        when p_run_id is not null then format('run %s, undone by run %s', p_run_id, p_undo_run_id)
        else format('undone by run %s', p_undo_run_id)
    end;

    for v_pass in 1 .. 2 loop
        with reversal as (
            insert into public.stock_movements (
                product_id, location_id, movement_type, transaction_type, quantity, occurred_at,
                unit_cost, reference, reverses_id, notes
            )
            select (m.movement).product_id, (m.movement).location_id,
                case (m.movement).movement_type when 'in' then 'out' else 'in' end,
                (m.movement).transaction_type, (m.movement).quantity,
                greatest((m.movement).occurred_at, k.before),
                (m.movement).unit_cost, (m.movement).reference, (m.movement).id, v_note
            from stocksync._undo_movements(p_run_id, p_since, p_type, p_reference) as m
            cross join stocksync._closed as k
            where m.left_out is null
            order by (m.movement).id
            on conflict (reverses_id) where reverses_id is not null do nothing
            returning id
        )
        select v_reversed + r.movements, v_ids + r.movement_ids into v_reversed, v_ids
        from stocksync._as_ranges((select array_agg(r.id) from reversal as r)) as r;

        exit when v_pass = 2;

        -- The products only now, as whoever reverses one of these movements has its place in the
        -- index before he settles.
        perform stocksync.lock_products(array(
            select m.product_id
            from unnest(v_ids) as i
            join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
            union
            select c.product_id from stocksync.counts as c where c.run_id = p_run_id
            union
            select c.product_id from stocksync._undo_corrections(p_run_id) as c
        ));

        -- A count whose corrections go stands no longer: else they would be booked again. Until these
        -- locks were had, others could be: the second pass reverses them.
        update stocksync.counts as c
        set balance = null
        where c.run_id = p_run_id
            or c.id in (
                select k.count_id
                from unnest(v_ids) as i
                join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
                join stocksync.count_corrections as k on k.movement_id = m.reverses_id
            );
        exit when not found;
    end loop;

    -- 3. The opposite of each correction.
    insert into stocksync.incidents (run_id, product_id, class, before, after, images)
    select p_undo_run_id, c.product_id, c.class, c.before, c.after, c.images
    from stocksync._undo_corrections(p_run_id) as c
    order by c.product_id, c.incident_id desc;

    get diagnostics v_corrected = row_count;

    update stocksync.runs as u
    set movement_ids = v_ids,
        finished_at = clock_timestamp(),
        seen_at = clock_timestamp()
    where u.id = p_undo_run_id;

    perform stocksync._write_log(
        'warning',
        case when p_run_id is not null then 'run undone' else 'movements undone' end,
        p_context => jsonb_strip_nulls(jsonb_build_object(
            'run', p_undo_run_id, 'undone_run', p_run_id,
            'since', p_since, 'type', p_type, 'reference', p_reference,
            'movements', v_reversed, 'corrections', v_corrected,
            'already_reversed', v_counts.already_reversed + v_counts.movements - v_reversed,
            'reversals', v_counts.reversals, 'gone', v_counts.gone
        ))
    );
end;
$procedure$;

comment on procedure stocksync.undo(bigint, timestamptz, text, text, bigint) is
    'Reverses every movement that a run booked and puts back what it corrected; or reverses the movements recorded since a time, of this type and reference (null: any). A reversal occurs when what it reverses did, or, where that is closed, when the ledger opens. Movements that are reversed already, and reversals, are left as they are. Returns the number of the undo, itself a run; null if nothing is left to undo. Whole, in the transaction of the caller. Raises no_data_found for an unknown run, object_not_in_prerequisite_state for a run that is an undo, was undone, or changed no stock, object_in_use for one that has not ended, invalid_parameter_value for a contradiction, SS006 where movements are archived, SS001 at commit where the stock may not fall below zero.';
