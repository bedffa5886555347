-- Finds the batch of every movement that a transaction wrote, in the order in which they occurred.
-- All that follow each other in a product and choose alike go in one step, and so do those of other
-- products at the same step: what an application writes is one step as a rule, however many lines it
-- has, and a history in one file has as many as the product that turns most often.

create or replace function stocksync._allocate(
    p_lines stocksync._line[],
    p_booked_ids bigint[],
    p_unbooked_ids bigint[]
)
returns stocksync._want[]
language plpgsql
volatile
-- A plan for one movement is a plan for the next.
set plan_cache_mode = force_generic_plan
-- What is looked up is little of each product, whatever the planner believes of a table that this
-- transaction has just filled.
set enable_seqscan = off
set max_parallel_workers_per_gather = 0
set jit = off
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_booked_ids bigint[] := p_booked_ids;
    v_kept_ids bigint[];
    v_kept_batch_ids bigint[];
    v_lines stocksync._line[] := p_lines;
    v_beginning bigint[];
    v_changes stocksync._batch_change[];
    v_unmet stocksync._want[];
    v_reversed stocksync._want[];
    r record;
begin
    -- ... but none for half a million.
    if coalesce(cardinality(p_booked_ids), 0) + coalesce(cardinality(p_unbooked_ids), 0) > 100 then
        perform set_config('plan_cache_mode', 'force_custom_plan', true);
    end if;

    -- 1. What was changed or deleted. What it gives back is there for the others.
    if p_unbooked_ids is not null then
        -- What changed nothing but its quantity stays in the batch that it came into, whatever has
        -- been corrected of that since.
        select array_agg(k.movement_id), array_agg(k.batch_id) into v_kept_ids, v_kept_batch_ids
        from (
            select c.movement_id, min(c.batch_id) as batch_id
            from public.batch_receipts as c
            join public.stock_batches as b on b.id = c.batch_id and b.status <> 'retired'
            where c.movement_id = any (p_unbooked_ids)
                and c.movement_id <> all (coalesce(p_booked_ids, '{}'))
                and c.of_movement_id is null
            group by c.movement_id
            having count(*) = 1
        ) as k;

        v_booked_ids := array(select distinct i from unnest(p_booked_ids || p_unbooked_ids) as i);
        v_changes := stocksync._take_back(p_unbooked_ids);

        perform stocksync._change_batches(array_agg(c))
        from unnest(v_changes) as c
        where c.remaining > 0;
    end if;

    -- 2. What was captured before its product tracked batches: of that no numbers have come along.
    if p_unbooked_ids is not null or (
        select sum(l.movements) filter (where p.tracks_batches)
            <> coalesce(cardinality(p_booked_ids), 0)
            -- of which some may be of a product that did when they were captured
            or not bool_and(p.tracks_batches)
        from unnest(p_lines) as l
        join public.products as p on p.id = l.product_id
    ) then
        -- One without any batch begins now, and perhaps settles for that: what is under way may be
        -- less than nothing, and all there is not.
        v_beginning := array(
            select p.id
            from public.products as p
            where p.id in (select l.product_id from unnest(p_lines) as l)
                and p.tracks_batches
                and not exists (
                    select from public.stock_batches as b
                    where b.product_id = p.id and b.status <> 'retired'
                )
        );
        if v_beginning <> '{}' then
            v_lines := array(
                select l from unnest(p_lines) as l where l.product_id <> all (v_beginning)
                union all
                select row(o.product_id, o.location_id, null, null, o.quantity, null)::stocksync._line
                from stocksync.opening_batches(v_beginning) as o
            );
        end if;

        perform stocksync._adjust_opening(array_agg(
            row(u.product_id, u.location_id, null, null, u.quantity, null)::stocksync._line
        ))
        from (
            select l.product_id, l.location_id, l.quantity
            from unnest(v_lines) as l
            union all
            select m.product_id, m.location_id,
                case m.movement_type when 'in' then -m.quantity else m.quantity end
            from public.stock_movements as m
            where m.id in (select i from unnest(v_booked_ids) as i)
            union all
            select b.product_id, b.location_id, -c.remaining
            from unnest(v_changes) as c
            join public.stock_batches as b on b.id = c.batch_id
        ) as u
        where (select p.tracks_batches from public.products as p where p.id = u.product_id);
    end if;

    -- 3. The movements, step by step. What each is looked up in is not joined: a planner that expects
    -- one movement, or one product that tracks batches, would for each of half a million look at all.
    for r in
        with movement as (
            select m.id, m.product_id, m.location_id, m.occurred_at, m.quantity,
                coalesce(m.batch_id, k.batch_id) as batch_id, m.batch_number, m.expiry_date,
                m.unit_cost, m.transaction_type, m.reference,
                -- the opposite of what came in goes whatever has become of it
                case when m.reverses_id is null then y.takes_unfit else 'last' end as takes_unfit,
                y.brings_back is not null as brings_back,
                (m.occurred_at at time zone s.time_zone)::date as day,
                case
                    when m.reverses_id = any (v_booked_ids) then (
                        select o.occurred_at from public.stock_movements as o
                        where o.id = m.reverses_id
                    )
                end as reversed_at,
                case
                    when m.reverses_id is not null and (
                        m.reverses_id = any (v_booked_ids)
                        -- not exists: for that all batches might be hashed
                        or (
                            select true
                            from (
                                select c.batch_id
                                from public.batch_consumptions as c
                                where c.movement_id = m.reverses_id
                                union all
                                select c.batch_id
                                from public.batch_receipts as c
                                where c.movement_id = m.reverses_id
                            ) as c
                            join public.stock_batches as b on b.id = c.batch_id
                            where b.status <> 'retired'
                            limit 1
                        )
                    ) then 'reverse'
                    when m.movement_type = 'out' then 'consume'
                    when y.brings_back is not null
                        and m.reverses_id is null
                        and m.batch_id is null
                        and m.batch_number is null
                    then 'bring back'
                    else 'receive'
                end as step
            from unnest(v_booked_ids) as i
            cross join lateral (
                select * from public.stock_movements as o where o.id = i limit 1
            ) as m
            join public.transaction_types as y on y.name = m.transaction_type
            cross join stocksync.settings as s
            left join unnest(v_kept_ids, v_kept_batch_ids) as k (id, batch_id) on k.id = m.id
            where (select p.tracks_batches from public.products as p where p.id = m.product_id)
        ),
        -- Where a batch may expire between two sales, they do not choose alike.
        expiring as (
            select d.product_id
            from (
                select m.product_id, min(m.expiry_date) as first_expiry,
                    max(m.expiry_date) as last_expiry,
                    min(m.day) filter (where m.step = 'consume') as first_day,
                    max(m.day) filter (where m.step = 'consume') as last_day
                from movement as m
                group by m.product_id
            ) as d
            where d.first_day < d.last_day
                and (
                    (d.first_expiry < d.last_day and d.last_expiry >= d.first_day)
                    or exists (
                        select from public.stock_batches as b
                        where b.product_id = d.product_id
                            and b.status <> 'retired'
                            and b.expiry_date >= d.first_day and b.expiry_date < d.last_day
                    )
                )
        ),
        -- What leaves something out looks for a batch that another may have made: of the same number and
        -- told otherwise, or of a number that it does not tell.
        ambiguous as (
            select t.product_id, t.batch_number
            from (
                select m.product_id, m.batch_number,
                    m.expiry_date is null or m.unit_cost is null or m.brings_back as is_partial,
                    format('%s, %s, %s', m.expiry_date, m.unit_cost, m.brings_back) as told
                from movement as m
                where m.step = 'receive' and m.batch_number is not null
            ) as t
            group by t.product_id, t.batch_number
            having bool_or(t.is_partial)
                and (
                    min(t.told) < max(t.told)
                    or t.batch_number like '#%'
                    or t.product_id in (
                        select m.product_id
                        from movement as m
                        where m.step = 'receive' and m.batch_id is not null
                    )
                )
        ),
        chosen as (
            select m.product_id, m.id, m.step,
                -- a reversal is never before what it reverses
                greatest(m.occurred_at, m.reversed_at) as at,
                case
                    when m.reversed_at >= m.occurred_at then 4
                    when m.step = 'receive' then 1
                    when m.step = 'consume' and m.takes_unfit <> 'never' then 2
                    else 3
                end as turn,
                case m.step
                    when 'consume' then concat_ws(
                        ' ', m.step, m.takes_unfit, m.batch_id is null, m.batch_number is null,
                        case
                            when m.product_id in (select x.product_id from expiring as x) then m.day
                        end
                    )
                    when 'receive' then concat_ws(
                        ' ', m.step,
                        case
                            when (m.expiry_date is null or m.unit_cost is null or m.brings_back)
                                and (m.product_id, m.batch_number) in (
                                    select u.product_id, u.batch_number from ambiguous as u
                                )
                            then format('%s, %s, %s', m.expiry_date, m.unit_cost, m.brings_back)
                        end
                    )
                    else m.step
                end as choice,
                row(
                    m.id, m.quantity, m.product_id, m.location_id, m.batch_id, m.batch_number,
                    m.takes_unfit, m.day, m.occurred_at, m.transaction_type, m.reference
                )::stocksync._want as want
            from movement as m
        ),
        turned as (
            select c.*,
                c.choice is distinct from lag(c.choice) over (
                    partition by c.product_id order by c.at, c.turn, c.id
                ) as turns
            from chosen as c
        ),
        numbered as (
            select t.*,
                count(*) filter (where t.turns) over (
                    partition by t.product_id order by t.at, t.turn, t.id
                ) as number
            from turned as t
        )
        select n.step,
            array_agg(n.want order by n.product_id, n.at, n.turn, n.id) as wants
        from numbered as n
        group by n.number, n.step
        order by n.number
    loop
        case r.step
            when 'receive' then
                perform stocksync._receive_movements(r.wants);
            when 'consume' then
                v_unmet := v_unmet || stocksync._consume(r.wants);
            when 'bring back' then
                perform stocksync._bring_back(r.wants);
            else
                -- What is given back must have been had.
                if v_unmet is not null then
                    v_reversed := array(
                        select u
                        from unnest(v_unmet) as u
                        where u.movement_id in (
                            select m.reverses_id
                            from unnest(r.wants) as w
                            join public.stock_movements as m on m.id = w.movement_id
                        )
                    );
                    perform stocksync._consume_rest(v_reversed);
                    v_unmet := (
                        select array_agg(u) from unnest(v_unmet) as u where u <> all (v_reversed)
                    );
                end if;
                perform stocksync._reverse_batches(r.wants);
        end case;
    end loop;

    -- 4. What changed or deleted movements had brought: gone, unless it has been taken.
    if v_changes is not null then
        perform stocksync._change_batches(array_agg(c))
        from unnest(v_changes) as c
        where c.remaining <= 0;
    end if;

    return v_unmet;
end;
$function$;

comment on function stocksync._allocate(stocksync._line[], bigint[], bigint[]) is
    'Does in batches what a transaction did in the ledger: its lines, the movements it wrote (p_booked_ids) and those it changed or deleted (p_unbooked_ids) of products that track batches; of what is in both, the batch is chosen anew. Returns what could not be had, for stocksync._consume_rest(); null if all could. Raises SS001 where something is taken back of which less is left. The caller holds the locks on the products.';
