-- What comes back goes where it came from: into the batches from which the movements of the same
-- reference took, what was taken last first; else into those from which movements of that type took
-- last; and what nobody took is a batch of its own. At another place it is the same batch there.

create or replace function stocksync._bring_back(p_wants stocksync._want[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wants stocksync._want[] := p_wants;
    v_by_reference boolean;
    v_changes stocksync._batch_change[];
    v_receipts stocksync._receipt[];
begin
    foreach v_by_reference in array array[true, false] loop
        with want as (
            select w.*, y.brings_back,
                dense_rank() over (
                    order by w.product_id, y.brings_back, case when v_by_reference then w.reference end
                ) as place
            from unnest(v_wants) with ordinality as w (
                movement_id, quantity, product_id, location_id, batch_id, batch_number,
                takes_unfit, day, occurred_at, transaction_type, reference, position
            )
            join public.transaction_types as y on y.name = w.transaction_type
            where w.reference is not null or not v_by_reference
        ),
        source as (
            select l.place, o.movement_id, o.batch_id, o.quantity,
                row_number() over (
                    order by l.place, o.occurred_at desc, o.movement_id desc, o.batch_id desc
                ) as id
            from (
                select distinct w.place, w.product_id, w.brings_back,
                    case when v_by_reference then w.reference end as reference
                from want as w
            ) as l
            cross join lateral stocksync._outstanding(l.product_id, l.brings_back, l.reference) as o
        ),
        given as materialized (
            select w.movement_id, w.product_id, w.location_id, w.occurred_at, w.transaction_type,
                w.reference, s.movement_id as of_movement_id, t.quantity, b as batch,
                b.location_id is not distinct from w.location_id and b.status <> 'retired'
                    as is_here
            from stocksync._share_out(
                (
                    select array_agg(row(w.place, w.movement_id, w.quantity)::stocksync._portion
                        order by w.place, w.position)
                    from want as w
                ),
                (
                    select array_agg(row(s.place, s.id, s.quantity)::stocksync._portion
                        order by s.place, s.id)
                    from source as s
                )
            ) as t
            join want as w on w.movement_id = t.want_id
            join source as s on s.id = t.have_id
            join public.stock_batches as b on b.id = s.batch_id
        ),
        given_back as (
            insert into public.batch_consumptions (
                movement_id, batch_id, quantity, of_movement_id, occurred_at, transaction_type,
                reference
            )
            select g.movement_id, (g.batch).id, -trim_scale(g.quantity), g.of_movement_id, g.occurred_at,
                g.transaction_type, g.reference
            from given as g
            where g.is_here
        )
        select
            (
                select array_agg(row((g.batch).id, 0, g.quantity)::stocksync._batch_change)
                from given as g
                where g.is_here
            ),
            (
                select array_agg(row(
                    g.movement_id, g.product_id, g.location_id, (g.batch).batch_number,
                    (g.batch).expiry_date, (g.batch).cost_price, g.quantity, g.of_movement_id,
                    coalesce((g.batch).origin_id, (g.batch).id), (g.batch).received_at,
                    g.occurred_at
                )::stocksync._receipt)
                from given as g
                where not g.is_here
            ),
            (
                select array_agg(row(
                    w.movement_id, w.quantity - coalesce(k.quantity, 0), w.product_id,
                    w.location_id, w.batch_id, w.batch_number, w.takes_unfit, w.day,
                    w.occurred_at, w.transaction_type, w.reference
                )::stocksync._want order by w.position)
                from unnest(v_wants) with ordinality as w (
                    movement_id, quantity, product_id, location_id, batch_id, batch_number,
                    takes_unfit, day, occurred_at, transaction_type, reference, position
                )
                left join (
                    select g.movement_id, sum(g.quantity) as quantity
                    from given as g
                    group by g.movement_id
                ) as k on k.movement_id = w.movement_id
                where w.quantity > coalesce(k.quantity, 0)
            )
        into v_changes, v_receipts, v_wants;

        perform stocksync._change_batches(v_changes);
        perform stocksync._receive(v_receipts);
        if v_wants is null then
            return;
        end if;
    end loop;

    perform stocksync._receive_movements(v_wants);
end;
$function$;

comment on function stocksync._bring_back(stocksync._want[]) is
    'Brings these quantities back into the batches from which they were taken. The caller holds the locks on the products.';
