-- Last step of a closing: the balances, from the movements themselves. Whoever wrote before late
-- movements were refused has ended, so what is added up is final.

create or replace function stocksync._finish_closing(p_closing_id bigint)
returns void
language plpgsql
volatile
security definer -- nobody closes by hand
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_closing stocksync.closings;
    v_last stocksync.closings;
    v_snapshot_id bigint;
begin
    select * into v_closing from stocksync.closings as c where c.id = p_closing_id for update;

    if v_closing.reopened_at is not null then
        raise exception 'the closing through % was taken back meanwhile', v_closing.closed_through
            using errcode = 'object_not_in_prerequisite_state',
                  hint = format('Close again with "stocksync close %s".', v_closing.closed_through);
    elsif v_closing.closed_at is not null then
        return; -- by another session, or long ago
    end if;

    select * into v_last
    from stocksync.closings as c
    where c.closed_before < v_closing.closed_before and c.reopened_at is null
    order by c.closed_before desc
    limit 1;

    insert into stocksync.snapshots (at, known_at, note)
    values (
        v_closing.closed_before - interval '1 microsecond', 'infinity',
        format('closing through %s', v_closing.closed_through)
    )
    returning id into v_snapshot_id;

    insert into stocksync.snapshot_balances (snapshot_id, product_id, location_id, quantity)
    select v_snapshot_id, u.product_id, u.location_id, trim_scale(sum(u.quantity))
    from (
        select b.product_id, b.location_id, b.quantity
        from stocksync.snapshot_balances as b
        where b.snapshot_id = v_last.snapshot_id
        union all
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= coalesce(v_last.closed_before, '-infinity')
            and m.occurred_at < v_closing.closed_before
    ) as u
    group by u.product_id, u.location_id
    having sum(u.quantity) <> 0;

    update stocksync.closings as c
    set closed_at = clock_timestamp(), snapshot_id = v_snapshot_id
    where c.id = p_closing_id;

    perform stocksync._write_log(
        'info', 'period closed',
        p_context => jsonb_build_object(
            'closing', p_closing_id, 'closed_through', v_closing.closed_through
        )
    );
end;
$function$;

comment on function stocksync._finish_closing(bigint) is
    'Stores the balances of a closing whose writers have ended. Raises object_not_in_prerequisite_state if it was reopened meanwhile.';
