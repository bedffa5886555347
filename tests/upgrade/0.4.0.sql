SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA stocksync;
COMMENT ON SCHEMA stocksync IS 'What keeps the stock right. Names that start with _ are private.';
CREATE TYPE stocksync._batch_change AS (
	batch_id bigint,
	received numeric,
	remaining numeric
);
COMMENT ON TYPE stocksync._batch_change IS 'By how much the received and the remaining quantity of a batch change.';
CREATE TYPE stocksync._effect AS (
	product_id bigint,
	at timestamp with time zone,
	quantity numeric
);
COMMENT ON TYPE stocksync._effect IS 'What a statement changed of the stock of a product from a moment on: signed quantity (in is positive).';
CREATE TYPE stocksync._line AS (
	product_id bigint,
	location_id bigint,
	day date,
	transaction_type text,
	quantity numeric,
	movements integer
);
COMMENT ON TYPE stocksync._line IS 'What a statement or a transaction changed of one product, at one location, on one day, by one type: signed quantity (in is positive) and number of movements (negative where they were taken back).';
CREATE TYPE stocksync._portion AS (
	place bigint,
	id bigint,
	quantity numeric
);
COMMENT ON TYPE stocksync._portion IS 'So much that is wanted by id, or that id has, at a place: what stocksync._share_out() matches.';
CREATE TYPE stocksync._receipt AS (
	movement_id bigint,
	product_id bigint,
	location_id bigint,
	batch_number text,
	expiry_date date,
	cost_price numeric,
	quantity numeric,
	of_movement_id bigint,
	origin_id bigint,
	received_at timestamp with time zone,
	occurred_at timestamp with time zone
);
COMMENT ON TYPE stocksync._receipt IS 'Units that come into a batch, to be found by what it is or made.';
CREATE TYPE stocksync._want AS (
	movement_id bigint,
	quantity numeric,
	product_id bigint,
	location_id bigint,
	batch_id bigint,
	batch_number text,
	takes_unfit text,
	day date,
	occurred_at timestamp with time zone,
	transaction_type text,
	reference text
);
COMMENT ON TYPE stocksync._want IS 'So much of a movement that is still to find its batch, with what it is found by.';
CREATE FUNCTION stocksync._accept_drift() RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    -- a file that is not known to be deployed is run by the next deployment
    delete from stocksync.deployed_file as f
    using stocksync.drift as d
    where d.path = f.path
        and d.state in ('changed', 'missing');
    select stocksync._record_objects();
$$;
COMMENT ON FUNCTION stocksync._accept_drift() IS 'Makes stocksync.drift empty. Objects made by files under sql/ are put back by the next "stocksync migrate".';
CREATE FUNCTION stocksync._adjust_opening(p_lines stocksync._line[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_changes stocksync._batch_change[];
    v_batch_id bigint;
    r record;
begin
    for r in
        select l.product_id, l.location_id, sum(l.quantity) as quantity
        from unnest(p_lines) as l
        group by l.product_id, l.location_id
        having sum(l.quantity) <> 0
        order by l.product_id, l.location_id nulls first
    loop
        select b.id into v_batch_id
        from public.stock_batches as b
        join public.batch_receipts as c on c.batch_id = b.id and c.movement_id is null
        where b.product_id = r.product_id
            and b.location_id is not distinct from r.location_id
            and b.status <> 'retired'
        order by b.id
        limit 1;
        if v_batch_id is null then
            insert into public.stock_batches as b
                (product_id, location_id, batch_number, cost_price, received_at)
            select p.id, r.location_id, 'opening',
                -- a product's cost is not checked: NaN is above every number
                case when p.unit_cost >= 0 and p.unit_cost < 1e15 then p.unit_cost end, now()
            from public.products as p
            where p.id = r.product_id
            -- somebody's own batch may be called that
            on conflict (product_id, batch_number, location_id, expiry_date, cost_price)
                where status <> 'retired'
                do update set received_at = least(b.received_at, excluded.received_at)
            returning id into v_batch_id;
        end if;
        insert into public.batch_receipts (batch_id, quantity, occurred_at)
        values (v_batch_id, trim_scale(r.quantity), now());
        v_changes := v_changes
            || row(v_batch_id, r.quantity, r.quantity)::stocksync._batch_change;
    end loop;
    perform stocksync._change_batches(v_changes);
end;
$$;
COMMENT ON FUNCTION stocksync._adjust_opening(p_lines stocksync._line[]) IS 'Adds these quantities to the opening batches of their products and places, and makes those that are missing. Raises SS001 if less than nothing would remain. The caller holds the locks on the products.';
CREATE FUNCTION stocksync._allocate(p_lines stocksync._line[], p_booked_ids bigint[], p_unbooked_ids bigint[]) RETURNS stocksync._want[]
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET max_parallel_workers_per_gather TO '0'
    SET jit TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
                coalesce(m.batch_id, k.batch_id) as batch_id, m.batch_number, m.expiry_date, m.unit_cost, m.transaction_type, m.reference,
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
                            from public.batch_consumptions as c
                            join public.stock_batches as b on b.id = c.batch_id
                            where c.movement_id = m.reverses_id and b.status <> 'retired'
                            limit 1
                        )
                        or (
                            select true
                            from public.batch_receipts as c
                            join public.stock_batches as b on b.id = c.batch_id
                            where c.movement_id = m.reverses_id and b.status <> 'retired'
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
$$;
COMMENT ON FUNCTION stocksync._allocate(p_lines stocksync._line[], p_booked_ids bigint[], p_unbooked_ids bigint[]) IS 'Does in batches what a transaction did in the ledger: its lines, the movements it wrote (p_booked_ids) and those it changed or deleted (p_unbooked_ids) of products that track batches; of what is in both, the batch is chosen anew. Returns what could not be had, for stocksync._consume_rest(); null if all could. Raises SS001 where something is taken back of which less is left. The caller holds the locks on the products.';
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE stocksync.archived_keys (
    idempotency_key text NOT NULL,
    archive_id bigint NOT NULL,
    movement_id bigint NOT NULL,
    movement_type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    given_at timestamp with time zone NOT NULL,
    content_md5 text NOT NULL
);
COMMENT ON TABLE stocksync.archived_keys IS 'Idempotency keys of archived movements: an old retry is still not counted twice.';
COMMENT ON COLUMN stocksync.archived_keys.movement_id IS 'Number of the movement.';
COMMENT ON COLUMN stocksync.archived_keys.movement_type IS 'Its direction.';
COMMENT ON COLUMN stocksync.archived_keys.given_at IS 'occurred_at as it was given; another one where a late movement was booked on the first open day.';
COMMENT ON COLUMN stocksync.archived_keys.content_md5 IS 'What a retry must say again: stocksync._content_md5() of the movement.';
CREATE FUNCTION stocksync._archived_movement(p_idempotency_key text) RETURNS SETOF stocksync.archived_keys
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select * from stocksync.archived_keys as k where k.idempotency_key = p_idempotency_key;
$$;
COMMENT ON FUNCTION stocksync._archived_movement(p_idempotency_key text) IS 'The archived movement with this key; nothing if there is none.';
CREATE FUNCTION stocksync._as_boolean(p_text text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (lower(p_text) = ANY (ARRAY['true'::text, 't'::text, 'yes'::text, 'y'::text, 'on'::text, '1'::text])) THEN true WHEN (lower(p_text) = ANY (ARRAY['false'::text, 'f'::text, 'no'::text, 'n'::text, 'off'::text, '0'::text])) THEN false ELSE NULL::boolean END;
COMMENT ON FUNCTION stocksync._as_boolean(p_text text) IS 'True or false as PostgreSQL writes them, in any case; null for any other text and for null.';
CREATE FUNCTION stocksync._as_jsonb(p_text text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return p_text::jsonb;
exception when data_exception or program_limit_exceeded then
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync._as_jsonb(p_text text) IS 'The text as JSON; null for what is none and for null.';
CREATE FUNCTION stocksync._as_numeric(p_text text) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN ((length(p_text) <= 100) AND (p_text ~ '^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?$'::text)) THEN (p_text)::numeric ELSE NULL::numeric END;
COMMENT ON FUNCTION stocksync._as_numeric(p_text text) IS 'The finite number that the text is, like "12", "-0.5" or "1e3"; null for any other text and for null.';
CREATE FUNCTION stocksync._as_ranges(p_ids bigint[], OUT movements bigint, OUT movement_ids int8multirange) RETURNS record
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select b.n,
        case
            when b.n = 0 then '{}'
            when b.last - b.first + 1 = b.n then int8multirange(int8range(b.first, b.last, '[]'))
            else (select range_agg(int8range(i, i, '[]')) from unnest(p_ids) as i)
        end
    from (
        select count(*) as n, min(i) as first, max(i) as last from unnest(p_ids) as i
    ) as b;
$$;
COMMENT ON FUNCTION stocksync._as_ranges(p_ids bigint[], OUT movements bigint, OUT movement_ids int8multirange) IS 'How many numbers these are, each once, and the same numbers as ranges; none for null.';
CREATE FUNCTION stocksync._as_timestamptz(p_text text, p_time_zone text) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    RETURN CASE WHEN ((p_text !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?( ?(Z|[-+](0[0-9]|1[0-4])(:?[0-5][0-9])?))?)?$'::text) OR (p_text < '0001'::text)) THEN NULL::timestamp with time zone WHEN ((substr(p_text, 9, 2) > '28'::text) AND (((substr(p_text, 9, 2))::integer)::double precision > date_part('day'::text, ((((substr(p_text, 1, 7) || '-01'::text))::date + '1 mon'::interval) - '1 day'::interval)))) THEN NULL::timestamp with time zone WHEN (substr(p_text, 17) ~ '[-+Z]'::text) THEN (p_text)::timestamp with time zone ELSE ((p_text)::timestamp without time zone AT TIME ZONE p_time_zone) END;
COMMENT ON FUNCTION stocksync._as_timestamptz(p_text text, p_time_zone text) IS 'The time that the text is in ISO 8601, like "2010-12-01", "2010-12-01 08:26" or "2010-12-01T08:26:00Z"; without an offset, in this time zone. Null for any other text and for null.';
CREATE TABLE public.stock_batches (
    id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    batch_number text NOT NULL,
    quantity_received numeric DEFAULT 0 NOT NULL,
    quantity_remaining numeric DEFAULT 0 NOT NULL,
    is_open boolean GENERATED ALWAYS AS ((quantity_remaining > (0)::numeric)) STORED NOT NULL,
    cost_price numeric,
    expiry_date date,
    received_at timestamp with time zone NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    origin_id bigint,
    CONSTRAINT stock_batches_cost_price_finite CHECK (((cost_price >= (0)::numeric) AND (cost_price < '1000000000000000'::numeric))),
    CONSTRAINT stock_batches_expiry_date_bounded CHECK (((expiry_date >= '0001-01-02'::date) AND (expiry_date < '9999-12-31'::date))),
    CONSTRAINT stock_batches_number_bounded CHECK ((octet_length(batch_number) <= 2000)),
    CONSTRAINT stock_batches_number_not_empty CHECK ((btrim(batch_number) <> ''::text)),
    CONSTRAINT stock_batches_remaining_not_negative CHECK ((quantity_remaining >= (0)::numeric)),
    CONSTRAINT stock_batches_status_known CHECK ((status = ANY (ARRAY['active'::text, 'quarantined'::text, 'retired'::text])))
)
WITH (fillfactor='70');
COMMENT ON TABLE public.stock_batches IS 'What came in together: of one product, at one place, at one cost, with one expiry date. Kept by stocksync; what is in stock of a product that tracks batches is the sum of what remains of them.';
COMMENT ON COLUMN public.stock_batches.id IS 'Number of the batch.';
COMMENT ON COLUMN public.stock_batches.product_id IS 'What it is of.';
COMMENT ON COLUMN public.stock_batches.location_id IS 'Where it lies; null is the one unnamed place.';
COMMENT ON COLUMN public.stock_batches.batch_number IS 'What is printed on it; "#" and the number of the movement for one that came in without.';
COMMENT ON COLUMN public.stock_batches.quantity_received IS 'Units that came in: the sum of batch_receipts. Derived.';
COMMENT ON COLUMN public.stock_batches.quantity_remaining IS 'Units that are left: received minus the sum of batch_consumptions, never below zero. Derived.';
COMMENT ON COLUMN public.stock_batches.is_open IS 'Whether anything is left of it.';
COMMENT ON COLUMN public.stock_batches.cost_price IS 'Cost of one unit; null if unknown.';
COMMENT ON COLUMN public.stock_batches.expiry_date IS 'The last day on which it may be sold, in the time zone of the shop; null: it does not expire.';
COMMENT ON COLUMN public.stock_batches.received_at IS 'When it came in first; one that was transferred keeps the time of its origin.';
COMMENT ON COLUMN public.stock_batches.status IS '"active"; "quarantined": not to be sold or used; "retired": of a time when the product tracked batches, and no part of the stock any more.';
COMMENT ON COLUMN public.stock_batches.origin_id IS 'The batch that was transferred, or returned to another place, of which this is a part; null for one that came in here.';
CREATE FUNCTION stocksync._batch_numbered(p_product_id bigint, p_batch_number text) RETURNS SETOF public.stock_batches
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform stocksync.check_scope(p_product_id, null);
    perform stocksync.lock_products(array[p_product_id]);
    return query
    select *
    from public.stock_batches as b
    where b.product_id = p_product_id
        and b.batch_number = p_batch_number
        and b.status <> 'retired'
    order by b.id;
    if not found then
        raise exception 'product "%" has no batch "%"',
            (select p.sku from public.products as p where p.id = p_product_id), p_batch_number
            using errcode = 'no_data_found',
                  hint = 'Numbers are case-sensitive. List them with "stocksync batch list --sku SKU --all"; retired ones are no part of the stock.';
    end if;
end;
$$;
COMMENT ON FUNCTION stocksync._batch_numbered(p_product_id bigint, p_batch_number text) IS 'Locks the product and returns its batches of this number that are not retired. Raises no_data_found if there is no such product or batch.';
CREATE FUNCTION stocksync._batches_at_moments(p_batch_ids bigint[], p_ats timestamp with time zone[]) RETURNS numeric[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select array_agg(
        trim_scale(
            b.quantity_remaining
            - (
                select coalesce(sum(r.quantity), 0)
                from public.batch_receipts as r
                where r.batch_id = b.id and r.occurred_at > a.at
            )
            + (
                select coalesce(sum(c.quantity), 0)
                from public.batch_consumptions as c
                where c.batch_id = b.id and c.occurred_at > a.at
            )
        )
        order by a.position
    )
    from unnest(p_batch_ids, p_ats) with ordinality as a (batch_id, at, position)
    join public.stock_batches as b on b.id = a.batch_id;
$$;
COMMENT ON FUNCTION stocksync._batches_at_moments(p_batch_ids bigint[], p_ats timestamp with time zone[]) IS 'What remained of each batch at its moment, inclusive: two arrays side by side, and a third. In a transaction that has written movements, call it after they have settled.';
CREATE FUNCTION stocksync._book_corrections(p_count_ids bigint[], p_quantities numeric[], p_notes text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with correction as (
        select nextval('public.stock_movements_id_seq') as id, c.id as count_id, c.product_id,
            c.location_id, c.counted_at, trim_scale(g.quantity) as quantity, c.user_id,
            coalesce(p_notes, c.notes) as notes, c.batch_id
        from unnest(p_count_ids, p_quantities) as g (count_id, quantity)
        join stocksync.counts as c on c.id = g.count_id
    ),
    kept as (
        insert into stocksync.count_corrections (movement_id, count_id)
        select n.id, n.count_id
        from correction as n
    )
    insert into public.stock_movements (
        id, product_id, location_id, movement_type, transaction_type, quantity, occurred_at,
        reference, user_id, notes, batch_id
    )
    select n.id, n.product_id, n.location_id,
        case when n.quantity > 0 then 'in' else 'out' end,
        case
            when n.quantity > 0 then 'stock_count_correction'
            else 'stock_count_correction_minus'
        end,
        abs(n.quantity), n.counted_at, format('count %s', n.count_id), n.user_id, n.notes,
        n.batch_id
    from correction as n;
$$;
COMMENT ON FUNCTION stocksync._book_corrections(p_count_ids bigint[], p_quantities numeric[], p_notes text) IS 'Books these signed quantities for these counts. p_notes: of the movements; null for those of the count.';
CREATE FUNCTION stocksync._book_restore(p_run_id bigint, p_snapshot_id bigint, p_product_ids bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_at timestamptz;
    v_ids int8multirange;
begin
    -- Two at once would book the same difference twice.
    perform pg_advisory_xact_lock(stocksync._lock_key('restore'));
    update stocksync.runs as u
    set options = u.options || jsonb_build_object('snapshot', p_snapshot_id)
    where u.id = p_run_id;
    v_at := greatest(
        (
            select s.at + interval '1 microsecond'
            from stocksync.snapshots as s
            where s.id = p_snapshot_id
        ),
        (select c.before from stocksync._closed as c)
    );
    with booked as (
        insert into public.stock_movements (
            product_id, location_id, movement_type, transaction_type, quantity, occurred_at,
            reference, notes
        )
        select d.product_id, d.location_id,
            case when d.quantity > 0 then 'in' else 'out' end,
            case when d.quantity > 0 then 'stock_count_correction'
                else 'stock_count_correction_minus' end,
            abs(d.quantity), v_at, format('restore %s', p_run_id),
            'what the movements lack of the balance restored from'
        from stocksync._restore_differences(p_snapshot_id, p_product_ids) as d
        where d.quantity <> 0
        order by d.product_id, d.location_id
        returning id
    )
    select r.movement_ids into v_ids
    from stocksync._as_ranges((select array_agg(b.id) from booked as b)) as r;
    update stocksync.runs as u
    set movement_ids = v_ids
    where u.id = p_run_id;
end;
$$;
COMMENT ON FUNCTION stocksync._book_restore(p_run_id bigint, p_snapshot_id bigint, p_product_ids bigint[]) IS 'Books for this run, product by product and location by location, what the movements lack of the balances of a snapshot. Raises SS001 at commit where negative stock is refused.';
CREATE FUNCTION stocksync._bring_back(p_wants stocksync._want[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;
COMMENT ON FUNCTION stocksync._bring_back(p_wants stocksync._want[]) IS 'Brings these quantities back into the batches from which they were taken. The caller holds the locks on the products.';
CREATE TABLE stocksync.jobs (
    id bigint NOT NULL,
    task text NOT NULL,
    arguments jsonb DEFAULT '{}'::jsonb NOT NULL,
    subject text NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    failures bigint DEFAULT 0 NOT NULL,
    is_cancelled boolean DEFAULT false NOT NULL,
    run_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    enqueued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    enqueued_by text DEFAULT SESSION_USER NOT NULL,
    started_at timestamp with time zone,
    seen_at timestamp with time zone,
    finished_at timestamp with time zone,
    worker text,
    pid integer,
    run_id bigint,
    merged_into bigint,
    sqlstate text,
    error text,
    CONSTRAINT jobs_arguments_of_sync CHECK (((task = 'sync'::text) OR (arguments = '{}'::jsonb))),
    CONSTRAINT jobs_run_at_finite CHECK (isfinite(run_at)),
    CONSTRAINT jobs_state_known CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text, 'merged'::text]))),
    CONSTRAINT jobs_task_known CHECK ((task = ANY (ARRAY['sync'::text, 'refresh'::text, 'audit'::text])))
);
COMMENT ON TABLE stocksync.jobs IS 'The queue "stock-sync": what is to be run, runs, and ran. Filled by stocksync.enqueue(), run by stocksync.run_job().';
COMMENT ON COLUMN stocksync.jobs.task IS 'What to run: "sync", "refresh" or "audit".';
COMMENT ON COLUMN stocksync.jobs.arguments IS 'With what: product_id, since and force of a sync, where given.';
COMMENT ON COLUMN stocksync.jobs.subject IS 'What the job is about: of one subject one job at most is queued and one running.';
COMMENT ON COLUMN stocksync.jobs.state IS '"queued", "running", "done", "failed" for good, "cancelled", or "merged": when it was to be tried again, the same was queued already, as job merged_into.';
COMMENT ON COLUMN stocksync.jobs.attempts IS 'How often it was begun. Whoever reports the end of an attempt names its number, so that a late report counts for nothing.';
COMMENT ON COLUMN stocksync.jobs.failures IS 'How often it failed since somebody asked for it: settings.job_attempts times are final.';
COMMENT ON COLUMN stocksync.jobs.is_cancelled IS 'Somebody cancelled it: it is not tried again, though its statement may still be running.';
COMMENT ON COLUMN stocksync.jobs.run_at IS 'Not before: now, a time given, or the end of a back-off.';
COMMENT ON COLUMN stocksync.jobs.enqueued_by IS 'The session user who asked for it.';
COMMENT ON COLUMN stocksync.jobs.started_at IS 'When the last attempt began.';
COMMENT ON COLUMN stocksync.jobs.seen_at IS 'When its worker was last heard of.';
COMMENT ON COLUMN stocksync.jobs.worker IS 'Who runs it, or ran it.';
COMMENT ON COLUMN stocksync.jobs.pid IS 'The server process that runs it, or ran it.';
COMMENT ON COLUMN stocksync.jobs.run_id IS 'The run it made; null while there is none.';
COMMENT ON COLUMN stocksync.jobs.merged_into IS 'The job as which it goes on; null unless "merged".';
COMMENT ON COLUMN stocksync.jobs.sqlstate IS 'Of the last failure; null if it had none, because the worker or its connection was lost.';
COMMENT ON COLUMN stocksync.jobs.error IS 'Of the last failure.';
CREATE FUNCTION stocksync._cancel_statement(p_job stocksync.jobs) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return stocksync._runs_still(p_job) and pg_cancel_backend(p_job.pid);
exception when insufficient_privilege then
    return false;
end;
$$;
COMMENT ON FUNCTION stocksync._cancel_statement(p_job stocksync.jobs) IS 'Cancels the statement of a running job, whose row the caller holds; false or null if that is not permitted, or it runs no more.';
CREATE FUNCTION stocksync._capture(p_lines stocksync._line[], p_first_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone, p_booked_ids bigint[] DEFAULT NULL::bigint[], p_unbooked_ids bigint[] DEFAULT NULL::bigint[]) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_captured text;
begin
    if p_lines is null then
        return false;
    end if;
    -- An older snapshot counts in the days of a time zone, and in the directions of types, that may
    -- have changed since, or dates movements where the ledger has been closed since: then the lock
    -- raises serialization_failure. Only a row that somebody has
    -- updated or locked has an xmax, so that as a rule nothing is locked. A change under way is
    -- skipped: it waits for this statement's lock on stock_movements, and sees these rows then.
    if current_setting('transaction_isolation') <> 'read committed' then
        perform from stocksync.settings as s where s.xmax <> 0 for share skip locked;
        perform from stocksync._closed as c where c.xmax <> 0 for share skip locked;
        perform from public.transaction_types as t
        where t.xmax <> 0
            and t.name in (select l.transaction_type from unnest(p_lines) as l)
        for share skip locked;
    end if;
    v_captured := coalesce(current_setting('stocksync.captured', true), '');
    -- An assignment, because PERFORM would be a query of its own.
    v_captured := set_config(
        'stocksync.captured', case v_captured when '' then 'one' else 'more' end, true
    );
    if v_captured = 'one' then
        insert into stocksync._journal (lines, first_at, booked_ids, unbooked_ids)
        values (p_lines, p_first_at, p_booked_ids, p_unbooked_ids);
    else
        insert into stocksync._unsettled (lines, first_at, booked_ids, unbooked_ids)
        values (p_lines, p_first_at, p_booked_ids, p_unbooked_ids);
    end if;
    return true;
end;
$$;
COMMENT ON FUNCTION stocksync._capture(p_lines stocksync._line[], p_first_at timestamp with time zone, p_booked_ids bigint[], p_unbooked_ids bigint[]) IS 'Takes what one statement changed, and the earliest moment of which it did, for settle to apply at commit; and of products that track batches, the movements that it wrote and those that it changed or deleted. Returns whether it changed anything; null lines are nothing.';
CREATE FUNCTION stocksync._change_batches(p_changes stocksync._batch_change[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    r record;
begin
    for r in
        select b.batch_number, b.quantity_remaining as there, -c.remaining as asked, p.sku
        from (
            select u.batch_id, sum(u.remaining) as remaining
            from unnest(p_changes) as u
            group by u.batch_id
        ) as c
        join public.stock_batches as b on b.id = c.batch_id
        join public.products as p on p.id = b.product_id
        where b.quantity_remaining + c.remaining < 0
        order by b.id
        limit 1
    loop
        raise exception 'insufficient stock of "%"', r.sku
            using errcode = 'SS001',
                  detail = format('There are %s left of batch "%s", and %s are taken back.',
                      r.there, r.batch_number, trim_scale(r.asked)),
                  hint = 'Reverse first what was taken from the batch since.',
                  schema = 'public', table = 'stock_batches', column = 'quantity_remaining',
                  constraint = 'stock_batches_remaining_not_negative';
    end loop;
    update public.stock_batches as b
    set quantity_received = trim_scale(b.quantity_received + c.received),
        quantity_remaining = trim_scale(b.quantity_remaining + c.remaining)
    from (
        select u.batch_id, sum(u.received) as received, sum(u.remaining) as remaining
        from unnest(p_changes) as u
        group by u.batch_id
    ) as c
    where b.id = c.batch_id;
end;
$$;
COMMENT ON FUNCTION stocksync._change_batches(p_changes stocksync._batch_change[]) IS 'Adds these changes to what was received into batches and remains of them; null is none. Raises SS001 if less than nothing would remain. The caller holds the locks on the products.';
CREATE FUNCTION stocksync._check_archives(p_known_at timestamp with time zone, p_from timestamp with time zone, p_from_day date, p_first_day date, p_before timestamp with time zone, p_day date) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    v_archive stocksync.archives;
begin
    select * into v_archive
    from stocksync.archives as a
    where a.restored_at is null
        and (
            p_known_at < a.last_recorded_at
            or (
                p_from is distinct from p_before
                and greatest(p_from, stocksync._day_start(p_day)) < a.archived_before
                and (
                    a.time_zone <> v_zone
                    or p_from_day < p_first_day
                    -- a part of a day in which something was archived
                    or (p_before > stocksync._day_start(p_day) and exists (
                        select from stocksync.archived_daily as d
                        where d.archive_id = a.id and d.day = p_day
                    ))
                )
            )
        )
    order by a.archived_before desc
    limit 1;
    if found then
        perform stocksync._refuse_archived(v_archive);
    end if;
end;
$$;
COMMENT ON FUNCTION stocksync._check_archives(p_known_at timestamp with time zone, p_from timestamp with time zone, p_from_day date, p_first_day date, p_before timestamp with time zone, p_day date) IS 'Raises SS006 where stock as of p_before, counted from the closing at p_from (null: backwards from now) of the day p_from_day, with whole days from p_first_day to before p_day, as known at p_known_at, needs what is archived.';
CREATE TABLE public.stock_movements (
    id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    movement_type text NOT NULL,
    transaction_type text NOT NULL,
    quantity numeric NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    unit_cost numeric,
    reference text,
    idempotency_key text,
    reverses_id bigint,
    user_id text,
    notes text,
    metadata jsonb,
    batch_id bigint,
    batch_number text,
    expiry_date date,
    CONSTRAINT stock_movements_direction CHECK ((movement_type = ANY (ARRAY['in'::text, 'out'::text]))),
    CONSTRAINT stock_movements_occurred_at_bounded CHECK ((((occurred_at AT TIME ZONE 'UTC'::text) >= '0001-01-02 00:00:00'::timestamp without time zone) AND ((occurred_at AT TIME ZONE 'UTC'::text) < '9999-12-31 00:00:00'::timestamp without time zone))),
    CONSTRAINT stock_movements_quantity_bounded CHECK ((quantity < '1000000000000000'::numeric)),
    CONSTRAINT stock_movements_quantity_positive CHECK ((quantity > (0)::numeric)),
    CONSTRAINT stock_movements_quantity_scale CHECK ((min_scale(quantity) <= 6)),
    CONSTRAINT stock_movements_unit_cost_finite CHECK (((unit_cost >= (0)::numeric) AND (unit_cost < '1000000000000000'::numeric)))
);
COMMENT ON TABLE public.stock_movements IS 'The ledger: one row for each time stock comes in or goes out. Applications insert; nothing else is asked of them.';
COMMENT ON COLUMN public.stock_movements.id IS 'Number of the movement, in no promised order.';
COMMENT ON COLUMN public.stock_movements.product_id IS 'What moved.';
COMMENT ON COLUMN public.stock_movements.location_id IS 'Where; null is the one unnamed place.';
COMMENT ON COLUMN public.stock_movements.movement_type IS '"in" or "out"; filled from the transaction type when null, refused when it contradicts it. A reversal has the opposite direction.';
COMMENT ON COLUMN public.stock_movements.transaction_type IS 'Why: a name of transaction_types.';
COMMENT ON COLUMN public.stock_movements.quantity IS 'How many units, above zero, below 1e15, with at most 6 decimals.';
COMMENT ON COLUMN public.stock_movements.occurred_at IS 'When it happened; may be back-dated.';
COMMENT ON COLUMN public.stock_movements.recorded_at IS 'When the database was told; not writable by applications.';
COMMENT ON COLUMN public.stock_movements.unit_cost IS 'Cost of one unit; null if unknown.';
COMMENT ON COLUMN public.stock_movements.reference IS 'The document behind it: an invoice, an order; null for none.';
COMMENT ON COLUMN public.stock_movements.idempotency_key IS 'Unique where given: a retried insert with the same key is not counted twice.';
COMMENT ON COLUMN public.stock_movements.reverses_id IS 'The movement that this one takes back: same product, location, type and quantity, opposite direction, at most once.';
COMMENT ON COLUMN public.stock_movements.user_id IS 'The application''s user; null if it does not say.';
COMMENT ON COLUMN public.stock_movements.notes IS 'Free text.';
COMMENT ON COLUMN public.stock_movements.metadata IS 'Whatever else the application wants to keep.';
COMMENT ON COLUMN public.stock_movements.batch_id IS 'The batch that it is of, by number in stock_batches; null: as batch_number says, or by the strategy of the product. Means nothing for a product that does not track batches.';
COMMENT ON COLUMN public.stock_movements.batch_number IS 'The batch that it is of, by what is printed on it; one that comes in and is not there yet is made.';
COMMENT ON COLUMN public.stock_movements.expiry_date IS 'Of a batch that comes in: the last day on which it may be sold; null: never expires, or as the batch of this number says.';
CREATE FUNCTION stocksync._check_reversal(p_reversal public.stock_movements) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_reversed public.stock_movements;
begin
    select * into v_reversed
    from public.stock_movements as m
    where m.id = p_reversal.reverses_id
    for share; -- the foreign key's lock of the key lets the quantity change
    if v_reversed.reverses_id is not null then
        raise exception 'movement % is itself a reversal', v_reversed.id
            using errcode = 'check_violation',
                  hint = 'Insert the original movement again instead.',
                  schema = 'public', table = 'stock_movements', column = 'reverses_id',
                  constraint = 'stock_movements_reversal_of_original';
    elsif (v_reversed.product_id, v_reversed.location_id, v_reversed.transaction_type,
           v_reversed.quantity, v_reversed.movement_type)
        is distinct from
        (p_reversal.product_id, p_reversal.location_id, p_reversal.transaction_type,
         p_reversal.quantity, case p_reversal.movement_type when 'in' then 'out' else 'in' end)
    then
        raise exception 'movement % does not match movement %, which it reverses',
            p_reversal.id, v_reversed.id
            using errcode = 'check_violation',
                  detail = 'A reversal has the product, location, type and quantity of what it takes back, and the opposite direction.',
                  hint = 'Use stocksync.reverse_movement().',
                  schema = 'public', table = 'stock_movements', column = 'reverses_id',
                  constraint = 'stock_movements_reversal_matches';
    end if;
end;
$$;
COMMENT ON FUNCTION stocksync._check_reversal(p_reversal public.stock_movements) IS 'Raises check_violation if a movement with reverses_id is not the exact opposite of the one it names, or names a reversal.';
CREATE FUNCTION stocksync._check_staged() RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not exists (
        select from pg_class as c
        where c.oid = to_regclass('pg_temp.stocksync_archive')
            and c.relkind = 'r'
            and c.relowner = (select r.oid from pg_roles as r where r.rolname = current_user)
    ) then
        raise exception 'no archive has been read back'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'In one transaction: select stocksync.stage_archive(), copy the file, then call this.';
    end if;
end;
$$;
COMMENT ON FUNCTION stocksync._check_staged() IS 'Raises object_not_in_prerequisite_state unless stocksync.stage_archive() made the temporary table.';
CREATE FUNCTION stocksync._check_type(p_transaction_type text, p_movement_type text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_direction text;
begin
    select t.movement_type into v_direction
    from public.transaction_types as t
    where t.name = p_transaction_type;
    if not found then
        raise exception 'unknown transaction type "%"', p_transaction_type
            using errcode = 'foreign_key_violation',
                  hint = 'Use a name of transaction_types, or add this one to it.',
                  schema = 'public', table = 'stock_movements', column = 'transaction_type',
                  constraint = 'stock_movements_transaction_type_known';
    elsif v_direction <> p_movement_type then
        raise exception 'transaction type "%" is "%", not "%"',
            p_transaction_type, v_direction, p_movement_type
            using errcode = 'check_violation',
                  hint = 'Leave movement_type out: it follows from the transaction type.',
                  schema = 'public', table = 'stock_movements', column = 'movement_type',
                  constraint = 'stock_movements_direction_matches_type';
    end if;
end;
$$;
COMMENT ON FUNCTION stocksync._check_type(p_transaction_type text, p_movement_type text) IS 'Raises foreign_key_violation for an unknown transaction type and check_violation for one of the other direction. A null direction is not compared.';
CREATE FUNCTION stocksync._check_undo(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;
COMMENT ON FUNCTION stocksync._check_undo(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) IS 'Raises what stocksync.undo() raises before it does anything.';
CREATE FUNCTION stocksync._closing_differences() RETURNS SETOF bigint
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select distinct d.product_id
    from (
        select c.snapshot_id
        from stocksync.closings as c
        where c.reopened_at is null
        order by c.closed_before desc
        limit 1
    ) as l
    cross join lateral stocksync._restore_differences(l.snapshot_id, null) as d
    where d.quantity <> 0;
$$;
COMMENT ON FUNCTION stocksync._closing_differences() IS 'The products of which the last closing keeps another balance than the movements before it, and what a restore has booked since, add up to.';
CREATE FUNCTION stocksync._consume(p_wants stocksync._want[]) RETURNS stocksync._want[]
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_unmet stocksync._want[];
begin
    with want as (
        select w.*,
            dense_rank() over (
                order by w.product_id, w.location_id, w.batch_id, w.batch_number
            ) as place
        from unnest(p_wants) with ordinality as w (
            movement_id, quantity, product_id, location_id, batch_id, batch_number, takes_unfit,
            day, occurred_at, transaction_type, reference, position
        )
    ),
    place as (
        select w.place, w.product_id, w.location_id, w.batch_id, w.batch_number, w.takes_unfit,
            s.expired_batches, max(w.day) as day
        from want as w
        cross join stocksync.settings as s
        group by 1, 2, 3, 4, 5, 6, 7
    ),
    have as (
        select l.place, b.id, b.quantity_remaining,
            row_number() over (
                order by
                    (b.status = 'quarantined' or coalesce(b.expiry_date < l.day, false))
                        = (l.takes_unfit <> 'first'),
                    b.status,
                    case p.batch_strategy when 'fefo' then b.expiry_date end,
                    case p.batch_strategy when 'lifo' then b.received_at end desc,
                    case p.batch_strategy when 'lifo' then b.id end desc,
                    b.received_at,
                    b.id
            ) as position
        from place as l
        join public.products as p on p.id = l.product_id
        join public.stock_batches as b
            on b.product_id = l.product_id and b.is_open and b.status <> 'retired'
        where b.location_id is not distinct from l.location_id
            and b.id = coalesce(l.batch_id, b.id)
            and b.batch_number = coalesce(l.batch_number, b.batch_number)
            and (
                l.takes_unfit <> 'never'
                or (
                    b.status = 'active'
                    and (
                        l.expired_batches = 'last'
                        or coalesce(b.expiry_date >= l.day, true)
                    )
                )
            )
    ),
    taken as materialized (
        select t.want_id, t.have_id, t.quantity
        from stocksync._share_out(
            (
                select array_agg(row(w.place, w.movement_id, w.quantity)::stocksync._portion
                    order by w.place, w.position)
                from want as w
            ),
            (
                select array_agg(row(h.place, h.id, h.quantity_remaining)::stocksync._portion
                    order by h.place, h.position)
                from have as h
            )
        ) as t
    ),
    consumed as (
        insert into public.batch_consumptions
            (movement_id, batch_id, quantity, occurred_at, transaction_type, reference)
        select t.want_id, t.have_id, trim_scale(t.quantity), w.occurred_at, w.transaction_type,
            w.reference
        from taken as t
        join want as w on w.movement_id = t.want_id
    ),
    changed as (
        update public.stock_batches as b
        set quantity_remaining = trim_scale(b.quantity_remaining - t.quantity)
        from (
            select k.have_id, sum(k.quantity) as quantity
            from taken as k
            group by k.have_id
        ) as t
        where b.id = t.have_id
    )
    select case
        when (select sum(w.quantity) from want as w)
            > (select coalesce(sum(t.quantity), 0) from taken as t)
        then (
            select array_agg(row(
                w.movement_id, w.quantity - coalesce(t.quantity, 0), w.product_id, w.location_id,
                w.batch_id, w.batch_number, w.takes_unfit, w.day, w.occurred_at,
                w.transaction_type, w.reference
            )::stocksync._want order by w.position)
            from want as w
            left join (
                select k.want_id, sum(k.quantity) as quantity
                from taken as k
                group by k.want_id
            ) as t on t.want_id = w.movement_id
            where w.quantity > coalesce(t.quantity, 0)
        )
    end
    into v_unmet;
    return v_unmet;
end;
$$;
COMMENT ON FUNCTION stocksync._consume(p_wants stocksync._want[]) IS 'Takes these quantities out of batches, in this order, and returns what could not be had; null if all could. The caller holds the locks on the products.';
CREATE FUNCTION stocksync._consume_rest(p_unmet stocksync._want[]) RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET max_parallel_workers_per_gather TO '0'
    SET jit TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_want stocksync._want;
    v_unmet stocksync._want[];
    r record;
begin
    foreach v_want in array p_unmet loop
        v_unmet := stocksync._consume(array[v_want]);
        continue when v_unmet is null;
        select p.sku, m.quantity, m.batch_id, m.batch_number, f.*,
            m.quantity - v_unmet[1].quantity as there
        into strict r
        from public.stock_movements as m
        join public.products as p on p.id = m.product_id
        cross join stocksync.settings as s
        cross join lateral (
            select
                sum(b.quantity_remaining) filter (where g.is_here and b.status = 'quarantined')
                    as quarantined,
                sum(b.quantity_remaining) filter (
                    where g.is_here and b.status = 'active' and g.is_expired
                ) as expired,
                sum(b.quantity_remaining) filter (
                    where g.is_here and b.status = 'active' and not g.is_expired
                        and not g.is_named
                ) as in_others,
                sum(b.quantity_remaining) filter (where not g.is_here) as elsewhere
            from public.stock_batches as b
            cross join lateral (
                select b.location_id is not distinct from m.location_id as is_here,
                    coalesce(
                        b.expiry_date < (m.occurred_at at time zone s.time_zone)::date, false
                    ) as is_expired,
                    b.id = coalesce(m.batch_id, b.id)
                        and b.batch_number = coalesce(m.batch_number, b.batch_number) as is_named
            ) as g
            where b.product_id = m.product_id and b.is_open and b.status <> 'retired'
        ) as f
        where m.id = v_want.movement_id;
        raise exception 'insufficient stock of "%"', r.sku
            using errcode = 'SS001',
                  detail = format('There are %s%s, and %s were asked for.%s',
                      trim_scale(r.there),
                      case
                          when r.batch_number is not null then format(' of batch "%s"', r.batch_number)
                          when r.batch_id is not null then format(' of batch %s', r.batch_id)
                      end,
                      trim_scale(r.quantity),
                      (
                          select ' Besides there are ' || string_agg(
                              format('%s %s', trim_scale(o.quantity), o.name), ', '
                              order by o.position
                          ) || '.'
                          from (
                              values
                              (1, r.expired, 'that are expired'),
                              (2, r.quarantined, 'in quarantine'),
                              (3, r.in_others, 'in other batches'),
                              (4, r.elsewhere, 'at other places')
                          ) as o (position, quantity, name)
                          where o.quantity > 0
                      )),
                  hint = 'Take less, or receive stock first. "stocksync batch list --sku SKU" shows what is there.',
                  schema = 'public', table = 'stock_batches', column = 'quantity_remaining',
                  constraint = 'stock_batches_remaining_not_negative';
    end loop;
end;
$$;
COMMENT ON FUNCTION stocksync._consume_rest(p_unmet stocksync._want[]) IS 'Takes these quantities out of batches, one after the other. Raises SS001 for the first of which there is not enough, and says what is there that may not be taken. The caller holds the locks on the products.';
CREATE FUNCTION stocksync._content_md5(p_product_id bigint, p_location_id bigint, p_transaction_type text, p_quantity numeric, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb, p_batch_id bigint DEFAULT NULL::bigint, p_batch_number text DEFAULT NULL::text, p_expiry_date date DEFAULT NULL::date) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN md5(((ROW(p_product_id, p_location_id, p_transaction_type, trim_scale(p_quantity), trim_scale(p_unit_cost), p_reference, p_user_id, p_notes, p_metadata))::text || CASE WHEN (num_nonnulls(p_batch_id, p_batch_number, p_expiry_date) > 0) THEN (ROW(p_batch_id, p_batch_number, EXTRACT(epoch FROM p_expiry_date)))::text ELSE ''::text END));
COMMENT ON FUNCTION stocksync._content_md5(p_product_id bigint, p_location_id bigint, p_transaction_type text, p_quantity numeric, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb, p_batch_id bigint, p_batch_number text, p_expiry_date date) IS 'Of the content of a movement, in hexadecimal: the same for 5 and 5.0.';
CREATE FUNCTION stocksync._continue_run(p_run_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if (select u.command from stocksync.runs as u where u.id = p_run_id) <> 'refresh' then
        return;
    end if;
    -- Held by another only for the moment in which it finds out that this one is running.
    while not pg_try_advisory_xact_lock(stocksync._lock_key('refresh')) loop
        perform pg_sleep(0.02);
    end loop;
    -- A refresh that was frozen for long is taken for dead, and the next one has begun.
    if exists (
        select from stocksync.runs as u where u.command = 'refresh' and u.id > p_run_id
    ) then
        raise exception 'refresh % was overtaken by another one', p_run_id
            using errcode = 'object_in_use',
                  hint = 'Nothing is lost: the other one does the work.';
    end if;
end;
$$;
COMMENT ON FUNCTION stocksync._continue_run(p_run_id bigint) IS 'Takes the lock of the refresh for this transaction, if the run is one. Raises object_in_use if a later refresh has begun.';
CREATE FUNCTION stocksync._correct(p_run_id bigint, p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '2s'
    AS $$
declare
    r record;
    v_corrected bigint := 0;
    v_failed bigint := 0;
begin
    -- Differences are added, so nothing may be added meanwhile to what is no number and will be
    -- replaced: the comparison below sees what was committed before these locks.
    perform from public.products as p
    where p.id = any (p_product_ids)
        and not (abs(p.quantity_on_hand) < 'Infinity' and abs(p.total_stock) < 'Infinity')
    order by p.id
    for no key update;
    delete from stocksync.stock_daily as d
    where d.product_id = any (p_product_ids) and not abs(d.quantity) < 'Infinity';
    for r in
        select * from stocksync.discrepancies(p_product_ids, p_since, p_force) as d
        order by d.product_id
    loop
        begin
            insert into stocksync.incidents (run_id, product_id, class, before, after)
            select p_run_id, r.product_id, c.class,
                case c.class
                    when 'quantity_on_hand' then r.quantity_on_hand
                    when 'total_stock' then r.total_stock
                    else r.rolled_up
                end,
                r.ledger
            from unnest(r.differs) as c (class);
            -- The journal adds up, so the difference of one snapshot is exact here too; and
            -- stock_total is the sum of stock_daily, which nobody changes under the lock.
            if 'roll_up' = any (r.differs) then
                delete from stocksync.stock_total as t where t.product_id = r.product_id;
                insert into stocksync.stock_total (
                    product_id, location_id, quantity, movements, quantity_in, first_on, last_on,
                    last_count_on
                )
                select d.product_id, d.location_id, d.quantity, d.movements, d.quantity_in,
                    d.first_on, d.last_on, d.last_count_on
                from stocksync._daily_totals(array[r.product_id]) as d;
                update stocksync._roll_up_version set version = version + 1;
                insert into stocksync._journal (lines, is_settled)
                select array_agg(l), true
                from stocksync._roll_up_differences(array[r.product_id]) as l
                having count(*) > 0;
            end if;
            perform stocksync._write_log(
                'info', 'product stock updated', r.product_id,
                jsonb_build_object(
                    'run', p_run_id, 'sku', r.sku, 'name', r.name, 'differs', to_jsonb(r.differs),
                    'old_stock', r.quantity_on_hand, 'new_stock', r.ledger,
                    'difference', r.ledger - r.quantity_on_hand
                )
            );
            v_corrected := v_corrected + 1;
        -- One product that cannot be corrected (a rule of the shop's own on its row, a lock that is
        -- not to be had) must not keep the others wrong. It is named in the log and counted.
        exception when others then
            perform stocksync._write_log(
                'error', 'product stock could not be updated', r.product_id,
                jsonb_build_object(
                    'run', p_run_id, 'sku', r.sku, 'sqlstate', sqlstate, 'error', sqlerrm
                )
            );
            v_failed := v_failed + 1;
        end;
    end loop;
    update stocksync.runs as u
    set products_corrected = u.products_corrected + v_corrected,
        products_failed = u.products_failed + v_failed,
        seen_at = clock_timestamp()
    where u.id = p_run_id;
end;
$$;
COMMENT ON FUNCTION stocksync._correct(p_run_id bigint, p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) IS 'Corrects these products for a run. The caller holds the advisory lock "roll_up" and runs at READ COMMITTED.';
CREATE PROCEDURE stocksync._correct_all(IN p_run_id bigint, IN p_product_ids bigint[], IN p_since timestamp with time zone, IN p_force boolean)
    LANGUAGE plpgsql
    AS $$
declare
    -- Writers of a product wait while its chunk is corrected: some 20 ms.
    v_chunk constant integer := 100;
begin
    perform stocksync._record_found(p_run_id, coalesce(pg_catalog.cardinality(p_product_ids), 0));
    -- Each chunk reads the journal.
    perform stocksync.roll_up();
    for i in 1 .. coalesce(pg_catalog.cardinality(p_product_ids), 0) by v_chunk loop
        commit and chain;
        perform stocksync._continue_run(p_run_id);
        -- Polling, because a session that waits inside pg_advisory_lock() holds a snapshot that
        -- makes CREATE INDEX CONCURRENTLY wait for it.
        while not pg_catalog.pg_try_advisory_xact_lock(stocksync._lock_key('roll_up')) loop
            perform pg_catalog.pg_sleep(0.02);
        end loop;
        perform stocksync._correct(
            p_run_id, p_product_ids[i : i + v_chunk - 1], p_since, p_force
        );
    end loop;
    commit and chain;
end;
$$;
COMMENT ON PROCEDURE stocksync._correct_all(IN p_run_id bigint, IN p_product_ids bigint[], IN p_since timestamp with time zone, IN p_force boolean) IS 'Measures these products again and corrects what differs from the movements, 100 at a time.';
CREATE TABLE stocksync.counts (
    id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    counted_at timestamp with time zone NOT NULL,
    quantity numeric NOT NULL,
    expected numeric NOT NULL,
    balance numeric,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    recorded_by text DEFAULT SESSION_USER NOT NULL,
    run_id bigint,
    user_id text,
    notes text,
    batch_id bigint,
    CONSTRAINT counts_counted_at_bounded CHECK ((((counted_at AT TIME ZONE 'UTC'::text) >= '0001-01-02 00:00:00'::timestamp without time zone) AND ((counted_at AT TIME ZONE 'UTC'::text) < '9999-12-31 00:00:00'::timestamp without time zone))),
    CONSTRAINT counts_quantity_bounded CHECK ((quantity < '1000000000000000'::numeric)),
    CONSTRAINT counts_quantity_not_negative CHECK ((quantity >= (0)::numeric)),
    CONSTRAINT counts_quantity_scale CHECK ((min_scale(quantity) <= 6))
);
COMMENT ON TABLE stocksync.counts IS 'Physical counts: one row for each product counted at a place. Written by stocksync.record_count() and stocksync.import_counts().';
COMMENT ON COLUMN stocksync.counts.counted_at IS 'The moment of which the count is: movements that occurred until then, inclusive, are before it.';
COMMENT ON COLUMN stocksync.counts.quantity IS 'How many units were counted: zero or more, below 1e15, with at most 6 decimals.';
COMMENT ON COLUMN stocksync.counts.expected IS 'What the ledger said of that moment when the count was recorded: the difference was booked.';
COMMENT ON COLUMN stocksync.counts.balance IS 'What the ledger says of that moment, corrections included: the counted quantity, unless late movements have moved it (settings.late_movements_before_count). Null for a count that stands no longer: another one of the same moment has replaced it, or the product is gone, or the ledger was truncated.';
COMMENT ON COLUMN stocksync.counts.recorded_by IS 'The session user.';
COMMENT ON COLUMN stocksync.counts.run_id IS 'The import that brought it; null for none.';
COMMENT ON COLUMN stocksync.counts.user_id IS 'Who counted; null if nobody says.';
COMMENT ON COLUMN stocksync.counts.batch_id IS 'The batch that was counted; null where all of the product at the place was. Its balance is null: movements that come late go to batches that have something left then.';
CREATE FUNCTION stocksync._count_effect(p_count stocksync.counts) RETURNS TABLE(movement_id bigint, movements_since bigint, moved_since numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        (
            select min(k.movement_id)
            from stocksync.count_corrections as k
            where k.count_id = (p_count).id
        ),
        count(distinct u.movement_id),
        coalesce(trim_scale(sum(u.quantity)), 0)
    from (
        select m.id as movement_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity
        from public.stock_movements as m
        where (p_count).batch_id is null
            and m.product_id = (p_count).product_id
            and m.occurred_at > (p_count).counted_at
            and m.location_id is not distinct from (p_count).location_id
        union all
        select r.movement_id, r.quantity
        from public.batch_receipts as r
        where r.batch_id = (p_count).batch_id and r.occurred_at > (p_count).counted_at
        union all
        select c.movement_id, -c.quantity
        from public.batch_consumptions as c
        where c.batch_id = (p_count).batch_id and c.occurred_at > (p_count).counted_at
    ) as u;
$$;
COMMENT ON FUNCTION stocksync._count_effect(p_count stocksync.counts) IS 'The movement that was first booked for a count, null if none was, and how many movements of its product at its place, or of its batch, occurred after it, and what they come to.';
CREATE FUNCTION stocksync._count_problems(p_may_be_negative boolean) RETURNS TABLE(line bigint, column_name text, value text, problem text)
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select c.line, null, null, c.problem
    from pg_temp.stocksync_import_counts as c
    where c.problem is not null
    union all
    select p.line, p.column_name, p.value, p.problem
    from (
        select c.line, 'sku', c.sku,
            case
                when c.sku is null then 'is missing'
                else 'unknown sku'
            end
        from pg_temp.stocksync_import_counts as c
        where c.problem is null
            and c.product_id is null
            and (c.sku is not null or c.product_id_text is null)
        union all
        select c.line, 'product_id', c.product_id_text,
            case
                when c.sku is null then 'unknown product'
                else 'is not the product of this sku'
            end
        from pg_temp.stocksync_import_counts as c
        where c.product_id_text is distinct from c.product_id::text
            and c.product_id_text is not null
        union all
        select c.line, 'location', c.location, 'unknown location'
        from pg_temp.stocksync_import_counts as c
        where c.location is not null and c.location_id is null
        union all
        select c.line, 'location_id', c.location_id_text,
            case
                when c.location is null then 'unknown location'
                else 'is not the location of this name'
            end
        from pg_temp.stocksync_import_counts as c
        where c.location_id_text is distinct from c.location_id::text
            and c.location_id_text is not null
        union all
        select c.line, 'quantity', c.quantity_text,
            case
                when c.quantity_text is null then 'is missing'
                when c.quantity is null then 'is not a number'
                when c.quantity < 0 and not p_may_be_negative then 'is below zero'
                when abs(c.quantity) >= 1e15 then 'is not below 1e15'
                when min_scale(c.quantity) > 6 then 'has more than 6 decimals'
            end
        from pg_temp.stocksync_import_counts as c
        where c.problem is null
        union all
        select c.line, 'counted_at', c.counted_at_text,
            case
                when c.counted_at is null then 'is not a time like 2010-12-01 08:26:00+00'
                when c.counted_at > clock_timestamp() then 'is in the future'
                when c.counted_at < k.before then 'is in a period that is closed'
            end
        from pg_temp.stocksync_import_counts as c
        cross join stocksync._closed as k
        where c.counted_at_text is not null
        union all
        select c.line, 'batch_number', c.batch_number, c.batch_problem
        from pg_temp.stocksync_import_counts as c
        where c.product_id is not null
            and (c.location_id is not null
                or (c.location is null and c.location_id_text is null))
        union all
        select c.line, case when c.sku is null then 'product_id' else 'sku' end,
            coalesce(c.sku, c.product_id_text), format('is in line %s already', f.line)
        from (
            select i.product_id, i.location_id, i.counted_at, i.batch_number, min(i.line) as line
            from pg_temp.stocksync_import_counts as i
            where i.product_id is not null
                and (i.location_id is not null
                    or (i.location is null and i.location_id_text is null))
                and (i.counted_at is not null or i.counted_at_text is null)
            group by i.product_id, i.location_id, i.counted_at, i.batch_number
            having count(*) > 1
        ) as f
        join pg_temp.stocksync_import_counts as c
            on c.product_id = f.product_id
            and c.location_id is not distinct from f.location_id
            and c.counted_at is not distinct from f.counted_at
            and c.batch_number is not distinct from f.batch_number
            and c.line > f.line
            and (c.location_id is not null
                or (c.location is null and c.location_id_text is null))
            and (c.counted_at is not null or c.counted_at_text is null)
    ) as p (line, column_name, value, problem)
    where p.problem is not null;
$$;
COMMENT ON FUNCTION stocksync._count_problems(p_may_be_negative boolean) IS 'One row for each value in stocksync_import_counts that cannot become a count (or, if it may be negative, a balance), for each of a product (or batch) at a place and time that is there already, and for each line that could not be read.';
CREATE FUNCTION stocksync._curve_days(p_points timestamp with time zone[], p_zone text) RETURNS TABLE(day date, before timestamp with time zone, points timestamp with time zone[])
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select d.day, max(d.before), array_agg(d.point)
    from (
        select p.point, p.point + interval '1 microsecond' as before,
            stocksync._first_open_day(p.point + interval '1 microsecond', p_zone) as day
        from unnest(p_points) as p (point)
    ) as d
    group by d.day;
$$;
COMMENT ON FUNCTION stocksync._curve_days(p_points timestamp with time zone[], p_zone text) IS 'The days in which these times lie, each with its times and the end of what is counted of it; a time at the end of a day lies at the beginning of the next.';
CREATE FUNCTION stocksync._daily_totals(p_product_ids bigint[]) RETURNS TABLE(product_id bigint, location_id bigint, quantity numeric, movements bigint, quantity_in numeric, first_on date, last_on date, last_count_on date)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        d.product_id,
        d.location_id,
        pg_catalog.trim_scale(pg_catalog.sum(d.quantity)),
        pg_catalog.sum(d.movements)::bigint,
        pg_catalog.trim_scale(
            coalesce(pg_catalog.sum(d.quantity) filter (where y.movement_type = 'in'), 0)
        ),
        pg_catalog.min(d.day) filter (where d.movements > 0),
        pg_catalog.max(d.day) filter (where d.movements > 0),
        pg_catalog.max(d.day) filter (where d.movements > 0 and y.counts_as = 'count')
    from stocksync.stock_daily as d
    left join public.transaction_types as y on y.name = d.transaction_type
    where p_product_ids is null or d.product_id = any (p_product_ids)
    group by d.product_id, d.location_id;
$$;
COMMENT ON FUNCTION stocksync._daily_totals(p_product_ids bigint[]) IS 'stock_total as it follows from stock_daily, for these products; null for all.';
CREATE FUNCTION stocksync._day_start(p_day date) RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select min(c.at)
    from stocksync.settings as s
    cross join lateral (
        select (p_day::timestamp at time zone s.time_zone) - w.step as at
        from (values (interval '0'), (interval '30 minutes'), (interval '1 hour')) as w (step)
    ) as c
    where (c.at at time zone s.time_zone)::date >= p_day;
$$;
COMMENT ON FUNCTION stocksync._day_start(p_day date) IS 'The first instant of a day in the time zone of stocksync.settings.';
CREATE FUNCTION stocksync._doctor_alerts() RETURNS TABLE(check_name text, status text, detail text, cure text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with alert as (
        select count(*) as open,
            -- Long enough for every worker to come by, and for the silence after a message.
            min(a.raised_at) filter (
                where a.raised_at < clock_timestamp() - s.alert_every - interval '5 minutes'
                    and not exists (
                        select
                        from stocksync.alert_deliveries as d
                        where d.alert_id = a.id and d.sent_at is not null
                    )
            ) as untold_since
        from stocksync.settings as s
        left join stocksync.alerts as a on a.resolved_at is null and a.rule = any (s.alert_rules)
        where a.id is not null
    ),
    finding (status, detail, cure) as (
        select
            'failure',
            format('%s: failed %s times, now with: %s', c.channel, c.failures, c.error),
            'Try it with `stocksync alerts test`.'
        from stocksync.alert_channels as c
        -- one that is no longer tried is no longer configured
        where c.failures > 0 and c.retry_at > clock_timestamp() - interval '1 hour'
        union all
        select
            case when c.known then 'failure' else 'warning' end,
            format(
                'open: %s; nobody has been told since %s', a.open,
                to_char(a.untold_since at time zone s.time_zone, 'YYYY-MM-DD HH24:MI')
            ),
            case
                when c.known then 'Run `stocksync worker`, or `stocksync alerts send` from cron.'
                else 'See `stocksync alerts list`; set STOCKSYNC_ALERT_MAIL where the worker runs.'
            end
        from stocksync.settings as s
        cross join alert as a
        cross join (select exists (select from stocksync.alert_channels) as known) as c
        where a.untold_since is not null
    )
    select 'alerts', f.status, f.detail, f.cure from finding as f
    union all
    select 'alerts', 'ok', format('open: %s', a.open), null
    from alert as a
    where not exists (select from finding)
$$;
COMMENT ON FUNCTION stocksync._doctor_alerts() IS 'The part of stocksync.doctor() that looks at alerts that nobody was told of.';
CREATE FUNCTION stocksync._doctor_objects() RETURNS TABLE(check_name text, status text, detail text, cure text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        'installation',
        case when i.version is null then 'failure' else 'ok' end,
        coalesce(
            'deployed by stocksync ' || i.version, 'a deployment has begun and not ended'
        ),
        case when i.version is null then 'Run `stocksync migrate`.' end
    from (values (true)) as v (only_row)
    left join stocksync.installation as i using (only_row)
    union all
    select
        'roles',
        'warning',
        'roles are missing, and the user who deployed may not create them',
        format('Have it run: %s Then run `stocksync migrate`.', array_to_string(i.to_do, ' '))
    from stocksync.installation as i
    where i.to_do <> '{}'
    union all
    select
        case d.kind when 'trigger' then 'triggers' else 'objects' end,
        'failure',
        format('%s %s is %s', d.kind, d.identity, coalesce(t.state, d.state)),
        case
            when d.state = 'extra' then
                'Drop it, or accept it with `stocksync migrate --force`.'
            when d.path is not null then
                'Put it back with `stocksync migrate --force`.'
            else
                'Undo it by hand, or accept it with `stocksync migrate --force`.'
        end
    from stocksync.drift as d
    left join lateral (
        select 'disabled' as state
        from pg_trigger as t
        join pg_class as c on c.oid = t.tgrelid
        join pg_namespace as n on n.oid = c.relnamespace
        where t.tgenabled = 'D'
            and d.kind = 'trigger'
            and d.identity = format('%I on %I.%I', t.tgname, n.nspname, c.relname)
    ) as t on true
    union all
    select 'triggers', 'ok', format('all %s are there, enabled and unchanged', count(*)), null
    from stocksync.deployed_object as d
    where d.kind = 'trigger'
    having not exists (select from stocksync.drift as x where x.kind = 'trigger')
    union all
    select
        'indexes',
        'failure',
        format('index %s is invalid: building it was interrupted', i.indexrelid::regclass),
        format(
            'Run `drop index concurrently %s`, then `stocksync migrate --force`.',
            i.indexrelid::regclass
        )
    from pg_index as i
    where not i.indisvalid
        and i.indexrelid::regclass::text in (
            select l.identity from stocksync.live_object() as l where l.kind = 'index'
        )
    union all
    select 'objects', 'ok', format('all %s are as deployed', count(*)), null
    from stocksync.deployed_object as d
    where d.kind <> 'trigger'
    having not exists (select from stocksync.drift as x where x.kind <> 'trigger')
$$;
COMMENT ON FUNCTION stocksync._doctor_objects() IS 'The part of stocksync.doctor() that looks at the installation and its objects.';
CREATE FUNCTION stocksync._doctor_operation() RETURNS TABLE(check_name text, status text, detail text, cure text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
    with setting as (
        select *, clock_timestamp() as now from stocksync.settings
    )
    select 'settings', f.status, f.detail, f.cure
    from setting as s
    cross join lateral (
        select
            'ok' as status,
            format(
                'days of %s; negative stock %s; manual updates: %s', s.time_zone,
                case when s.allow_negative then 'is allowed' else 'is refused' end, s.manual_updates
            ) as detail,
            null as cure
        union all
        select
            'warning', 'no alert is ever raised',
            'Run `update stocksync.settings set alert_rules = default;`.'
        where s.alert_rules = '{}'
        union all
        select
            'warning', 'a refresh is forgotten before it would be late',
            'Make stocksync.settings.keep_log longer than refresh_late_after.'
        where s.keep_log <= s.refresh_late_after
    ) as f
    union all
    select 'mode', 'ok', 'mode: wait', null
    union all
    select
        'closing',
        case when c.closed_at is null then 'warning' else 'ok' end,
        case
            when c.closed_at is null
                then format('the closing through %s has not ended', c.closed_through)
            else format('the books are closed through %s', c.closed_through)
        end,
        case when c.closed_at is null then format(
            'It waits for transactions that write movements, or it was killed: run `stocksync close %s`.',
            c.closed_through
        ) end
    from (
        select *
        from stocksync.closings as o
        where o.reopened_at is null
        order by o.closed_before desc
        limit 1
    ) as c
    union all
    select
        'refresh',
        case when coalesce(r.finished_at, i.deployed_at) < s.now - s.refresh_late_after
            then 'failure' else 'ok' end,
        case
            when r.finished_at is null then 'none has been completed'
            else format(
                'the last one was completed at %s and took %s s',
                to_char(r.finished_at at time zone s.time_zone, 'YYYY-MM-DD HH24:MI:SS'),
                round(extract(epoch from r.finished_at - r.started_at), 3)
            )
        end,
        case when coalesce(r.finished_at, i.deployed_at) < s.now - s.refresh_late_after
            then 'Run `stocksync refresh`, and every hour: `stocksync schedule install`.'
        end
    from setting as s
    left join stocksync.installation as i on true
    left join stocksync._last_run as r on r.command = 'refresh'
    union all
    select 'jobs', f.status, f.detail, f.cure
    from setting as s
    cross join lateral (
        select
            count(*) filter (where j.state = 'failed') as failed,
            max(j.id) filter (where j.state = 'failed') as last_failed,
            count(*) filter (where j.state = 'running') as running,
            -- the server should have ended it, or another worker taken it over
            count(*) filter (
                where j.state = 'running'
                    and j.started_at < s.now - s.job_timeout - interval '1 minute'
            ) as stuck,
            count(*) filter (where j.state = 'queued') as queued,
            count(*) filter (
                where j.state = 'queued' and j.run_at < s.now - s.job_timeout
            ) as waiting
        from stocksync.jobs as j
        where j.state in ('failed', 'running', 'queued')
    ) as j
    cross join lateral (
        select
            'failure' as status,
            format('failed for good: %s, the last of them job %s', j.failed, j.last_failed)
                as detail,
            format(
                'See `stocksync jobs show %1$s`; then `stocksync jobs retry %1$s`.', j.last_failed
            ) as cure
        where j.failed > 0
        union all
        select
            'failure',
            format('running for longer than they may: %s', j.stuck),
            'Run `stocksync worker`: it takes over what a lost one left.'
        where j.stuck > 0
        union all
        select
            'failure',
            format('queued for longer than %s: %s; nobody takes them', s.job_timeout, j.waiting),
            'Run `stocksync worker`.'
        where j.waiting > 0
        union all
        select 'ok', format('%s queued, %s running, none failed', j.queued, j.running), null
        where j.failed + j.stuck + j.waiting = 0
    ) as f
    union all
    select
        'pending',
        case when q.oldest_at < s.now - s.pending_late_after then 'failure' else 'ok' end,
        case
            when q.rows = 0 then 'no change of stock waits'
            else format(
                'changes of stock that wait for a busy product: %s, since %s', q.rows,
                to_char(q.oldest_at at time zone s.time_zone, 'YYYY-MM-DD HH24:MI:SS')
            )
        end,
        case when q.oldest_at < s.now - s.pending_late_after
            then 'Run `stocksync worker`, or `select stocksync.fold();`.' end
    from setting as s
    cross join (
        select count(*) as rows, min(p.queued_at) as oldest_at from stocksync._pending as p
    ) as q
    union all
    select
        'stock',
        case when n.products > 0 then 'warning' else 'ok' end,
        case
            when n.products > 0 then format('products whose stock is below zero: %s', n.products)
            else 'no stock is below zero'
        end,
        case when n.products > 0
            then 'See `stocksync stock --below 0`, and book what is missing.' end
    from (
        select count(*) as products
        from stocksync._stock as p
        where not p.is_deleted and p.quantity_on_hand < 0
    ) as n
$_$;
COMMENT ON FUNCTION stocksync._doctor_operation() IS 'The part of stocksync.doctor() that looks at settings, refreshes, jobs, pending changes and negative stock.';
CREATE FUNCTION stocksync._doctor_privileges() RETURNS TABLE(check_name text, status text, detail text, cure text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with live as (
        select g.*,
            g.grantee in (
                'stocksync_app', 'stocksync_auditor', 'stocksync_operator', 'public'
            ) as is_ours
        from stocksync._live_grants() as g
    ),
    finding (detail, cure) as (
        select
            format(
                '%s has lost %s privileges: %s%s', d.grantee, count(*),
                string_agg(format('%s on %s', d.privilege, d.object), ', ' order by d.position)
                    filter (where d.position <= 3),
                case when count(*) > 3 then ', …' end
            ),
            'Run `select stocksync.grant_roles();` as the owner.'
        from (
            select w.*,
                row_number() over (partition by w.grantee order by w.object, w.privilege)
                    as position
            from stocksync.deployed_grant as w
            where not exists (
                select
                from live as l
                where l.object = w.object and l.grantee = w.grantee and l.privilege = w.privilege
            )
        ) as d
        group by d.grantee
        union all
        select
            case l.privilege
                when 'member' then format('%s is a member of %s', l.grantee, l.object)
                else format('%s may %s %s', l.grantee, l.privilege, l.object)
            end,
            case l.privilege
                when 'member' then format(
                    'Run `revoke %s from %s;`.', substr(l.object, length('role ') + 1), l.grantee
                )
                else format(
                    'Run `revoke %s on %s from %s;`.', l.privilege, l.object,
                    case l.grantee when 'public' then 'public' else quote_ident(l.grantee) end
                )
            end
        from live as l
        where case
            when l.is_ours then
                -- who else may read is for the administrator to say
                l.privilege !~ '^(select|usage)\M' and not exists (
                    select
                    from stocksync.deployed_grant as d
                    where d.object = l.object and d.grantee = l.grantee
                        and d.privilege = l.privilege
                )
            else
                l.privilege ~ '^(insert|update|delete|truncate|trigger)\M'
                and l.object like 'table stocksync.%'
                -- what people set is not derived
                and l.object not in ('table stocksync.settings', 'table stocksync.schedules')
        end
    )
    select 'privileges', 'failure', f.detail, f.cure from finding as f
    union all
    select
        'privileges', 'ok',
        'the roles may do what they were granted, and nobody else writes what is derived', null
    where not exists (select from finding)
$$;
COMMENT ON FUNCTION stocksync._doctor_privileges() IS 'The part of stocksync.doctor() that looks at who may do what.';
CREATE FUNCTION stocksync._doctor_schedule() RETURNS TABLE(check_name text, status text, detail text, cure text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    v_now constant timestamptz := clock_timestamp();
    v_enabled text;
    v_kept_at timestamptz;
    v_cron_jobs bigint := 0;
    v_refreshed_at timestamptz;
    v_settings stocksync.settings;
begin
    select * into v_settings from stocksync.settings;
    select string_agg(format('%s "%s"', c.task, c.cron), ', ' order by c.task),
        -- a time that is due is a whole minute: others are of the installation
        max(c.last_due_at) filter (where c.last_due_at = date_trunc('minute', c.last_due_at))
    into v_enabled, v_kept_at
    from stocksync.schedules as c
    where c.is_enabled;
    if v_enabled is null then
        return query values (
            'schedule', 'warning', 'nothing is scheduled',
            'Run `update stocksync.schedules set is_enabled = true;`.'
        );
        return;
    end if;
    -- One by one: the name of a table in a schema that one may not use is an error.
    if has_schema_privilege(to_regnamespace('cron')::oid, 'usage') then
        if has_table_privilege(to_regclass('cron.job')::oid, 'select') then
            execute $query$
                select count(*)
                from cron.job as j
                where j.active
                    and j.database = current_database()
                    and j.command like '%stocksync.%'
            $query$
            into v_cron_jobs;
        end if;
    end if;
    select r.finished_at into v_refreshed_at
    from stocksync._last_run as r
    where r.command = 'refresh';
    return query
    select
        'schedule',
        case when k.by is null then 'warning' else 'ok' end,
        format('%s: %s', v_enabled, coalesce(k.by, 'nobody seems to keep it')),
        case when k.by is null then
            'Run `stocksync worker`, or `stocksync schedule install`.'
        end
    from (
        select case
            when v_cron_jobs > 0 then format('kept by pg_cron, jobs: %s', v_cron_jobs)
            when v_kept_at > v_now - v_settings.refresh_late_after then format(
                'a worker last kept it at %s',
                to_char(v_kept_at at time zone v_settings.time_zone, 'YYYY-MM-DD HH24:MI')
            )
            when v_refreshed_at > v_now - v_settings.refresh_late_after then
                'not kept by a worker here, but refreshes happen'
        end as by
    ) as k;
end;
$_$;
COMMENT ON FUNCTION stocksync._doctor_schedule() IS 'The part of stocksync.doctor() that looks at who keeps the schedule.';
CREATE FUNCTION stocksync._doctor_server() RETURNS TABLE(check_name text, status text, detail text, cure text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
    with vacuum_finding (detail, cure) as (
        select
            'autovacuum is off', 'Run `alter system set autovacuum = on; select pg_reload_conf();`.'
        where current_setting('autovacuum') = 'off'
        union all
        select
            format('autovacuum is off for %s', c.oid::regclass),
            format('Run `alter table %s reset (autovacuum_enabled);`.', c.oid::regclass)
        from pg_class as c
        cross join pg_options_to_table(c.reloptions) as o
        where c.oid in (
                'public.products'::regclass, 'stocksync._unsettled'::regclass,
                'stocksync._journal'::regclass, 'stocksync._pending'::regclass,
                'stocksync.stock_daily'::regclass, 'stocksync.stock_total'::regclass,
                'stocksync.jobs'::regclass
            )
            and o.option_name = 'autovacuum_enabled'
            and not o.option_value::boolean
    ),
    -- Others' sessions show an auditor no times, only how far they hold vacuum back.
    transaction_finding (detail, cure) as (
        select
            format(
                'process %s (%s) %s', a.pid,
                coalesce(nullif(a.application_name, ''), a.backend_type, '?'),
                case
                    when a.xact_start is null then
                        format('holds vacuum back by %s transactions', h.age)
                    else format(
                        'has a transaction open since %s',
                        to_char(a.xact_start, 'YYYY-MM-DD HH24:MI TZH:TZM')
                    )
                end
            ),
            format('End it: `select pg_terminate_backend(%s);`.', a.pid)
        from pg_stat_activity as a
        cross join lateral (select age(coalesce(a.backend_xmin, a.backend_xid)) as age) as h
        where a.pid <> pg_backend_pid()
            and (a.datname = current_database() or a.datname is null)
            and case
                when a.xact_start is null then h.age > 100000
                else h.age is not null
                    and a.xact_start < clock_timestamp() - interval '10 minutes'
            end
        union all
        select
            format(
                'transaction "%s" is prepared since %s and not ended', x.gid,
                to_char(x.prepared, 'YYYY-MM-DD HH24:MI TZH:TZM')
            ),
            format('Run `commit prepared %1$L;` or `rollback prepared %1$L;`.', x.gid)
        from pg_prepared_xacts as x
        where x.database = current_database()
            and x.prepared < clock_timestamp() - interval '10 minutes'
        union all
        select
            format(
                'replication slot "%s" holds vacuum back by %s transactions', s.slot_name,
                age(s.xmin)
            ),
            format(
                'Let its replica catch up, or run `select pg_drop_replication_slot(%L);`.',
                s.slot_name
            )
        from pg_replication_slots as s
        where age(s.xmin) > 100000
    )
    select 'vacuum', 'warning', f.detail, f.cure from vacuum_finding as f
    union all
    select 'vacuum', 'ok', 'autovacuum is on for every busy table', null
    where not exists (select from vacuum_finding)
    union all
    select 'transactions', 'warning', f.detail, f.cure from transaction_finding as f
    union all
    select 'transactions', 'ok', 'none holds vacuum back', null
    where not exists (select from transaction_finding)
$_$;
COMMENT ON FUNCTION stocksync._doctor_server() IS 'The part of stocksync.doctor() that looks at vacuum and what holds it back.';
CREATE PROCEDURE stocksync._end_step(IN p_run_id bigint, IN p_step text, IN p_done jsonb)
    LANGUAGE plpgsql
    AS $$
declare
    v_seconds constant double precision :=
        extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.now());
begin
    perform stocksync._record_step(p_run_id, p_step, p_done);
    commit and chain;
    if stocksync._has_journal() then
        -- with the lock that tells that it lives
        perform stocksync._continue_run(p_run_id);
        perform pg_catalog.pg_sleep(v_seconds);
    end if;
    commit and chain;
end;
$$;
COMMENT ON PROCEDURE stocksync._end_step(IN p_run_id bigint, IN p_step text, IN p_done jsonb) IS 'Records a step of a run and commits; then sleeps as long as it took, if there are movements that are not rolled up.';
CREATE FUNCTION stocksync._expire(p_run_id bigint, p_product_ids bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_ids int8multirange;
begin
    perform stocksync.lock_products(p_product_ids);
    with booked as (
        insert into public.stock_movements (
            product_id, location_id, movement_type, transaction_type, quantity, occurred_at,
            unit_cost, batch_id, reference
        )
        -- by the clock: what was sold while these locks were waited for comes before
        select b.product_id, b.location_id, 'out', 'expired', e.quantity, clock_timestamp(),
            e.cost_price, b.id, format('expire %s', p_run_id)
        from stocksync._expired_batches(p_product_ids) as e
        join public.stock_batches as b on b.id = e.batch_id
        order by b.product_id, b.id
        returning id
    )
    select r.movement_ids into v_ids
    from stocksync._as_ranges((select array_agg(b.id) from booked as b)) as r;
    update stocksync.runs as u
    set movement_ids = u.movement_ids + v_ids,
        seen_at = clock_timestamp()
    where u.id = p_run_id;
end;
$$;
COMMENT ON FUNCTION stocksync._expire(p_run_id bigint, p_product_ids bigint[]) IS 'Books, for a run, an "expired" movement for each batch of these products that is past its date, of all that remains of it. The caller runs at READ COMMITTED.';
CREATE FUNCTION stocksync._expired_batches(p_product_ids bigint[]) RETURNS TABLE(product_id bigint, sku text, name text, batch_id bigint, batch_number text, location text, expiry_date date, quantity numeric, cost_price numeric, value numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select p.id, p.sku, p.name, b.id, b.batch_number, l.name, b.expiry_date,
        trim_scale(b.quantity_remaining), b.cost_price,
        trim_scale(b.quantity_remaining * b.cost_price)
    from public.stock_batches as b
    join public.products as p on p.id = b.product_id
    left join public.locations as l on l.id = b.location_id
    where (p_product_ids is null or b.product_id = any (p_product_ids))
        and b.is_open
        and b.status <> 'retired'
        and b.expiry_date < stocksync._shop_day()
    order by p.sku, b.expiry_date, b.id;
$$;
COMMENT ON FUNCTION stocksync._expired_batches(p_product_ids bigint[]) IS 'The batches of these products (null: of all) whose last day of sale is over, quarantined or not, with what remains of them.';
CREATE FUNCTION stocksync._finish_closing(p_closing_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;
COMMENT ON FUNCTION stocksync._finish_closing(p_closing_id bigint) IS 'Stores the balances of a closing whose writers have ended. Raises object_not_in_prerequisite_state if it was reopened meanwhile.';
CREATE FUNCTION stocksync._finish_deployment(p_version text, p_paths text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_to_do text[] := '{}';
begin
    delete from stocksync.deployed_file as f where f.path <> all (p_paths);
    if to_regprocedure('stocksync.grant_roles()') is not null then
        v_to_do := array(select stocksync.grant_roles());
    end if;
    if v_to_do <> '{}' then
        raise warning 'roles are missing, and this user may not create them'
            using hint = format(
                'Have these run by one who may, then "stocksync migrate": %s',
                array_to_string(v_to_do, ' ')
            );
    end if;
    perform stocksync._record_objects();
    if to_regprocedure('stocksync._live_grants()') is not null then
        delete from stocksync.deployed_grant;
        insert into stocksync.deployed_grant (object, grantee, privilege)
        select g.object, g.grantee, g.privilege
        from stocksync._live_grants() as g
        where g.grantee in ('stocksync_app', 'stocksync_auditor', 'stocksync_operator', 'public');
    end if;
    insert into stocksync.installation (version, to_do) values (p_version, v_to_do)
    on conflict (only_row) do update
    set version = excluded.version,
        deployed_at = excluded.deployed_at,
        to_do = excluded.to_do;
end;
$$;
COMMENT ON FUNCTION stocksync._finish_deployment(p_version text, p_paths text[]) IS 'Grants, stores fingerprints and who may do what, and records the version. Warns if roles are missing. p_paths are all files of this version; others are forgotten.';
CREATE FUNCTION stocksync._finish_job(p_job_id bigint, p_attempt bigint, p_run_id bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update stocksync.jobs as j
    set state = 'done',
        run_id = p_run_id,
        finished_at = clock_timestamp()
    where j.id = p_job_id
        and j.attempts = p_attempt
        and j.state = 'running';
    return found;
end;
$$;
COMMENT ON FUNCTION stocksync._finish_job(p_job_id bigint, p_attempt bigint, p_run_id bigint) IS 'Marks a job as done by this attempt, with the run it made; false if the attempt does not run any more.';
CREATE FUNCTION stocksync._finish_run(p_run_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_run stocksync.runs;
begin
    update stocksync.runs as u
    set finished_at = clock_timestamp(),
        seen_at = clock_timestamp()
    where u.id = p_run_id
    returning * into v_run;
    perform stocksync._write_log(
        case
            when v_run.products_failed > 0 then 'error'
            when v_run.products_corrected > 0 or v_run.products_found > 0 then 'warning'
            else 'info'
        end,
        case v_run.command
            when 'expire' then 'expired batches written off'
            else 'stock synchronization completed'
        end,
        p_context => jsonb_strip_nulls(jsonb_build_object(
            'run', p_run_id,
            'command', v_run.command,
            'products_found', v_run.products_found,
            'products_corrected', v_run.products_corrected,
            'products_failed', v_run.products_failed,
            'movements', case v_run.command when 'expire' then (
                select coalesce(sum(upper(i) - lower(i)), 0) from unnest(v_run.movement_ids) as i
            ) end,
            'seconds', round(extract(epoch from v_run.finished_at - v_run.started_at), 6)
        ))
    );
end;
$$;
COMMENT ON FUNCTION stocksync._finish_run(p_run_id bigint) IS 'Records the end of a run and logs it.';
CREATE FUNCTION stocksync._first_open_day(p_at timestamp with time zone, p_zone text) RETURNS date
    LANGUAGE sql STABLE
    RETURN LEAST(((p_at AT TIME ZONE p_zone))::date, (((p_at + '00:15:00'::interval) AT TIME ZONE p_zone))::date, (((p_at + '00:30:00'::interval) AT TIME ZONE p_zone))::date, (((p_at + '00:45:00'::interval) AT TIME ZONE p_zone))::date, (((p_at + '01:00:00'::interval) AT TIME ZONE p_zone))::date, (((p_at + '01:15:00'::interval) AT TIME ZONE p_zone))::date, (((p_at + '01:30:00'::interval) AT TIME ZONE p_zone))::date, (((p_at + '01:45:00'::interval) AT TIME ZONE p_zone))::date, (((p_at + '02:00:00'::interval) AT TIME ZONE p_zone))::date);
COMMENT ON FUNCTION stocksync._first_open_day(p_at timestamp with time zone, p_zone text) IS 'The first day, in this time zone, of which anything lies at p_at or within two hours after it.';
CREATE FUNCTION stocksync._given_at(p_movement public.stock_movements) RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select coalesce(
        (
            select h.occurred_at
            from stocksync.movement_history as h
            where h.movement_id = p_movement.id
                -- not one of the same number that was deleted
                and h.recorded_at = p_movement.recorded_at
                and h.operation = 'late'
        ),
        p_movement.occurred_at
    );
$$;
COMMENT ON FUNCTION stocksync._given_at(p_movement public.stock_movements) IS 'occurred_at of a movement as it was given when it was inserted.';
CREATE FUNCTION stocksync._guard_batches() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;
COMMENT ON FUNCTION stocksync._guard_batches() IS 'Raises SS003 for a change of the batches that is not made by stocksync.';
CREATE FUNCTION stocksync._has_journal() RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select exists (select from stocksync._journal);
$$;
COMMENT ON FUNCTION stocksync._has_journal() IS 'True if the journal is not empty.';
CREATE FUNCTION stocksync._has_pass() RETURNS boolean
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select exists (select from stocksync._passes as p where p.xid = pg_current_xact_id());
$$;
COMMENT ON FUNCTION stocksync._has_pass() IS 'True while stocksync itself changes closed movements in this transaction.';
CREATE FUNCTION stocksync._import_counts(p_counts stocksync.counts[], p_file text, p_started_at timestamp with time zone) RETURNS TABLE(counted bigint, corrected bigint, equal bigint, moved_since bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_run_id bigint;
    v_counts stocksync.counts[];
    v_movement_ids int8multirange;
begin
    insert into stocksync.runs (command, options, started_at)
    values (
        'import counts', jsonb_strip_nulls(jsonb_build_object('file', p_file)), p_started_at
    )
    returning id into v_run_id;
    select array_agg(c) into v_counts
    from stocksync._record_counts((
        select array_agg(row(
            g.id, g.product_id, g.location_id, g.counted_at, g.quantity, g.expected, g.balance,
            g.recorded_at, g.recorded_by, v_run_id, g.user_id, g.notes, g.batch_id
        )::stocksync.counts order by g.position)
        from unnest(p_counts) with ordinality as g (
            id, product_id, location_id, counted_at, quantity, expected, balance, recorded_at,
            recorded_by, run_id, user_id, notes, batch_id, position
        )
    )) as c;
    -- Not above: the snapshot of that statement is older than what it books.
    select count(*), count(e.movement_id), count(*) - count(e.movement_id),
        count(*) filter (where e.moved_since <> 0),
        coalesce(
            range_agg(int8range(e.movement_id, e.movement_id, '[]'))
                filter (where e.movement_id is not null),
            '{}'
        )
    into counted, corrected, equal, moved_since, v_movement_ids
    from unnest(v_counts) as c
    cross join stocksync._count_effect(c) as e;
    update stocksync.runs as u
    set finished_at = clock_timestamp(), movement_ids = v_movement_ids
    where u.id = v_run_id;
    perform stocksync._write_log(
        'info', 'counts imported',
        p_context => jsonb_strip_nulls(jsonb_build_object(
            'run', v_run_id, 'file', p_file, 'counted', counted, 'corrected', corrected,
            'equal', equal, 'moved_since', moved_since
        ))
    );
    return next;
end;
$$;
COMMENT ON FUNCTION stocksync._import_counts(p_counts stocksync.counts[], p_file text, p_started_at timestamp with time zone) IS 'Records these counts and the run that brought them. Returns as stocksync.import_counts() does, and raises as stocksync.record_count() does.';
CREATE FUNCTION stocksync._is_application() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select exists (
        select
        from pg_roles as application
        join pg_roles as me
            -- "none" until the session has changed its role
            on me.rolname = coalesce(nullif(current_setting('role'), 'none'), session_user)
        where application.rolname = 'stocksync_app'
            and not me.rolsuper
            and pg_has_role(me.oid, application.oid, 'usage')
    );
$$;
COMMENT ON FUNCTION stocksync._is_application() IS 'True if the session acts as stocksync_app or a member of it, and not as a superuser.';
CREATE FUNCTION stocksync._is_archived(p_movement_id bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select exists (
        select from stocksync.archives as a
        where a.restored_at is null and a.movement_ids @> p_movement_id
    );
$$;
COMMENT ON FUNCTION stocksync._is_archived(p_movement_id bigint) IS 'True if the movement is in an archive.';
CREATE FUNCTION stocksync._keep_balances(p_file text, p_from timestamp with time zone, p_product_ids bigint[], p_location_ids bigint[], p_quantities numeric[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_snapshot_id bigint;
begin
    insert into stocksync.snapshots (at, known_at, note, is_complete)
    values (p_from - interval '1 microsecond', 'infinity', coalesce(p_file, ''), false)
    returning id into v_snapshot_id;
    insert into stocksync.snapshot_balances (snapshot_id, product_id, location_id, quantity)
    select v_snapshot_id, u.product_id, u.location_id, u.quantity
    from unnest(p_product_ids, p_location_ids, p_quantities)
        as u (product_id, location_id, quantity);
    perform stocksync._write_log(
        'info', 'balances imported',
        p_context => jsonb_build_object('snapshot', v_snapshot_id, 'file', p_file, 'from', p_from)
    );
    return v_snapshot_id;
end;
$$;
COMMENT ON FUNCTION stocksync._keep_balances(p_file text, p_from timestamp with time zone, p_product_ids bigint[], p_location_ids bigint[], p_quantities numeric[]) IS 'Stores these balances as an incomplete snapshot of just before p_from and returns its number.';
CREATE FUNCTION stocksync._key_problems() RETURNS TABLE(line bigint, column_name text, value text, problem text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select s.line, 'idempotency_key', s.idempotency_key,
        format('belongs to movement %s, which has another content', m.id)
    from pg_temp.stocksync_import_movements as s
    join public.stock_movements as m on m.idempotency_key = s.idempotency_key
    where (s.product_id, s.location_id, s.direction, s.transaction_type, s.quantity, s.unit_cost,
           s.reference, s.user_id, s.notes, s.metadata, null::bigint, s.batch_number, s.expiry_date)
        is distinct from
        (m.product_id, m.location_id, m.movement_type, m.transaction_type, m.quantity, m.unit_cost,
         m.reference, m.user_id, m.notes, m.metadata, m.batch_id, m.batch_number, m.expiry_date)
        -- who sends it again need not know when it was booked first
        or (s.occurred_at <> m.occurred_at and s.occurred_at <> stocksync._given_at(m))
    union all
    select s.line, 'idempotency_key', s.idempotency_key,
        format('belongs to movement %s, which has another content', k.movement_id)
    from pg_temp.stocksync_import_movements as s
    join stocksync.archived_keys as k on k.idempotency_key = s.idempotency_key
    where k.content_md5 <> stocksync._content_md5(
            s.product_id, s.location_id, s.transaction_type, s.quantity, s.unit_cost, s.reference,
            s.user_id, s.notes, s.metadata, null, s.batch_number, s.expiry_date
        )
        or s.direction <> k.movement_type
        or s.occurred_at <> k.given_at
    union all
    select s.line, 'idempotency_key', s.idempotency_key,
        format('belongs to line %s, which has another content', f.line)
    from (
        select i.idempotency_key, min(i.line) as line
        from pg_temp.stocksync_import_movements as i
        where i.idempotency_key is not null
        group by i.idempotency_key
        having count(*) > 1
    ) as k
    join pg_temp.stocksync_import_movements as f on f.line = k.line
    join pg_temp.stocksync_import_movements as s
        on s.idempotency_key = k.idempotency_key and s.line > k.line
    where (s.product_id, s.location_id, s.transaction_type, s.quantity, s.unit_cost, s.reference,
           s.user_id, s.notes, s.metadata, s.occurred_at, s.batch_number, s.expiry_date,
           -- a product that this import creates
           case when s.product_id is null then s.sku end)
        is distinct from
        (f.product_id, f.location_id, f.transaction_type, f.quantity, f.unit_cost, f.reference,
         f.user_id, f.notes, f.metadata, f.occurred_at, f.batch_number, f.expiry_date,
         case when f.product_id is null then f.sku end);
$$;
COMMENT ON FUNCTION stocksync._key_problems() IS 'One row for each line of stocksync_import_movements whose idempotency key belongs to another movement. Compares as stocksync.record_movement() does.';
CREATE FUNCTION stocksync._ledger_at(p_product_ids bigint[], p_at timestamp with time zone, p_known_at timestamp with time zone) RETURNS TABLE(product_id bigint, location_id bigint, quantity numeric)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_custom_plan'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_archive stocksync.archives;
begin
    select * into v_archive
    from stocksync.archives as a
    where a.restored_at is null
        and (a.archived_before > p_at + interval '1 microsecond' or a.last_recorded_at > p_known_at)
    limit 1;
    if found then
        perform stocksync._refuse_archived(v_archive);
    end if;
    return query
    select u.product_id, u.location_id, trim_scale(sum(u.quantity))
    from (
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity
        from public.stock_movements as m
        where m.occurred_at <= p_at
            and m.recorded_at <= p_known_at
            and (p_product_ids is null or m.product_id = any (p_product_ids))
            and m.id not in (
                select h.movement_id
                from stocksync.movement_history as h
                where h.replaced_at > p_known_at and h.operation <> 'late'
            )
        union all
        -- as they were then
        select f.product_id, f.location_id,
            case f.movement_type when 'in' then f.quantity else -f.quantity end
        from (
            select distinct on (h.movement_id) h.*
            from stocksync.movement_history as h
            where h.replaced_at > p_known_at and h.operation <> 'late'
            order by h.movement_id, h.replaced_at, h.id
        ) as f
        where f.occurred_at <= p_at
            and f.recorded_at <= p_known_at
            and (p_product_ids is null or f.product_id = any (p_product_ids))
        union all
        select a.product_id, a.location_id, a.quantity
        from stocksync.archived_daily as a
        where p_product_ids is null or a.product_id = any (p_product_ids)
    ) as u
    group by u.product_id, u.location_id;
end;
$$;
COMMENT ON FUNCTION stocksync._ledger_at(p_product_ids bigint[], p_at timestamp with time zone, p_known_at timestamp with time zone) IS 'The sum of the movements that occurred until p_at, in the versions recorded until p_known_at, both inclusive ("infinity": all), for these products (null: all) and each location that has any. Raises SS006 where single movements that are archived would tell.';
CREATE FUNCTION stocksync._live_grants() RETURNS TABLE(object text, grantee text, privilege text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with relation as (
        select c.oid, c.relkind, c.relowner, c.relacl,
            format(
                '%s %I.%I', case c.relkind when 'S' then 'sequence' else 'table' end,
                n.nspname, c.relname
            ) as object
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.oid in (
            select to_regclass(o.identity)
            from stocksync.live_object() as o
            where o.kind in ('table', 'view', 'materialized view')
            union all
            select d.objid
            from stocksync.live_object() as o
            join pg_depend as d
                on d.refobjid = to_regclass(o.identity) and d.refobjsubid > 0
                and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
            where o.kind = 'table'
        )
    ),
    entry (object, owner, acl, of_column) as (
        select r.object, r.relowner,
            coalesce(r.relacl, acldefault(
                (case r.relkind when 'S' then 's' else 'r' end)::"char", r.relowner
            )),
            ''
        from relation as r
        union all
        select r.object, r.relowner, a.attacl, format(' (%I)', a.attname)
        from relation as r
        join pg_attribute as a on a.attrelid = r.oid and a.attacl is not null
        union all
        select
            format(
                '%s %s', case p.prokind when 'p' then 'procedure' else 'function' end,
                p.oid::regprocedure
            ),
            p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)), ''
        from pg_proc as p
        where p.pronamespace = 'stocksync'::regnamespace
        union all
        select 'schema stocksync', n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner)), ''
        from pg_namespace as n
        where n.nspname = 'stocksync'
    )
    select e.object,
        case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee)::text end,
        lower(g.privilege_type) || e.of_column
    from entry as e
    cross join aclexplode(e.acl) as g
    where g.grantee <> e.owner
    union
    select format('role %I', r.rolname), m.rolname, 'member'
    from pg_auth_members as a
    join pg_roles as r on r.oid = a.roleid
    join pg_roles as m on m.oid = a.member
    where r.rolname in ('stocksync_app', 'stocksync_auditor', 'stocksync_operator')
        and m.rolname in ('stocksync_app', 'stocksync_auditor', 'stocksync_operator')
$$;
COMMENT ON FUNCTION stocksync._live_grants() IS 'Every privilege on an object of stocksync that somebody other than its owner has: in the words of GRANT, in lower case.';
CREATE FUNCTION stocksync._lock_key(p_name text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT
    RETURN hashtextextended(('stocksync.'::text || p_name), (0)::bigint);
COMMENT ON FUNCTION stocksync._lock_key(p_name text) IS 'The key of the advisory lock of this name.';
CREATE FUNCTION stocksync._log_changed_movements(p_message text, p_movement_ids bigint[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select stocksync._write_log(
        'warning',
        p_message,
        p_context => jsonb_build_object(
            'movements', cardinality(p_movement_ids),
            -- The rest is in movement_history: an event stays readable.
            'first_movement_ids', to_jsonb(p_movement_ids[1:10])
        )
    )
    where p_movement_ids <> '{}';
$$;
COMMENT ON FUNCTION stocksync._log_changed_movements(p_message text, p_movement_ids bigint[]) IS 'Logs a warning that these movements were updated or deleted; nothing where there are none.';
CREATE FUNCTION stocksync._may_pass(p_sqlstate text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN COALESCE(((p_sqlstate ~ '^08'::text) OR (p_sqlstate = ANY (ARRAY['57P01'::text, '57P02'::text, '57P03'::text, '40001'::text, '40P01'::text, '55P03'::text, '55006'::text]))), true);
COMMENT ON FUNCTION stocksync._may_pass(p_sqlstate text) IS 'True if a job that failed with this SQLSTATE may go well when tried again; null stands for a lost worker or connection.';
CREATE FUNCTION stocksync._merge_arguments(p_one jsonb, p_other jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_strip_nulls(jsonb_build_object('product_id', (p_one -> 'product_id'::text), 'since', CASE WHEN ((p_one ? 'since'::text) AND (p_other ? 'since'::text)) THEN LEAST(((p_one ->> 'since'::text))::timestamp with time zone, ((p_other ->> 'since'::text))::timestamp with time zone) ELSE NULL::timestamp with time zone END, 'force', COALESCE((p_one -> 'force'::text), (p_other -> 'force'::text))));
COMMENT ON FUNCTION stocksync._merge_arguments(p_one jsonb, p_other jsonb) IS 'The arguments of one job in place of two of the same subject.';
CREATE FUNCTION stocksync._movement_batches(p_movement_id bigint) RETURNS TABLE(batch_id bigint, quantity numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select u.batch_id, sum(u.quantity)
    from (
        select r.batch_id, r.quantity
        from public.batch_receipts as r
        where r.movement_id = p_movement_id
        union all
        select c.batch_id, -c.quantity
        from public.batch_consumptions as c
        where c.movement_id = p_movement_id
    ) as u
    group by u.batch_id
    having sum(u.quantity) <> 0;
$$;
COMMENT ON FUNCTION stocksync._movement_batches(p_movement_id bigint) IS 'The batches of a movement and what it brought into each, in units: below zero for what it took. Nothing for a product that did not track batches then.';
CREATE FUNCTION stocksync._movement_problems(p_create_products boolean) RETURNS TABLE(line bigint, column_name text, value text, problem text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select m.line, null, null, m.problem
    from pg_temp.stocksync_import_movements as m
    where m.problem is not null
    union all
    select p.line, p.column_name, p.value, p.problem
    from (
        select m.line, 'sku', m.sku,
            case
                when m.sku is null then 'is missing'
                when btrim(m.sku) = '' then 'is empty'
                when octet_length(m.sku) > 2000 then 'is longer than 2000 bytes'
                when not p_create_products then 'unknown sku'
            end
        from pg_temp.stocksync_import_movements as m
        where m.problem is null
            and m.product_id is null
            and (m.sku is not null or m.product_id_text is null)
        union all
        select m.line, 'product_id', m.product_id_text,
            case
                when m.sku is null then 'unknown product'
                else 'is not the product of this sku'
            end
        from pg_temp.stocksync_import_movements as m
        where m.product_id_text is distinct from m.product_id::text
            and m.product_id_text is not null
        union all
        select m.line, 'location', m.location, 'unknown location'
        from pg_temp.stocksync_import_movements as m
        where m.location is not null and m.location_id is null
        union all
        select m.line, 'location_id', m.location_id_text,
            case
                when m.location is null then 'unknown location'
                else 'is not the location of this name'
            end
        from pg_temp.stocksync_import_movements as m
        where m.location_id_text is distinct from m.location_id::text
            and m.location_id_text is not null
        union all
        select m.line, 'transaction_type', m.transaction_type,
            case
                when m.transaction_type is null then 'is missing'
                else 'unknown transaction type'
            end
        from pg_temp.stocksync_import_movements as m
        where m.problem is null and m.direction is null
        union all
        select m.line, 'movement_type', m.movement_type,
            case
                when m.movement_type in ('in', 'out')
                    then format('contradicts "%s", which is "%s"', m.transaction_type, m.direction)
                else 'is neither "in" nor "out"'
            end
        from pg_temp.stocksync_import_movements as m
        where m.movement_type not in ('in', 'out') or m.movement_type <> m.direction
        union all
        select m.line, 'quantity', m.quantity_text,
            case
                when m.quantity_text is null then 'is missing'
                when m.quantity is null then 'is not a number'
                when m.quantity <= 0 then 'is not above zero'
                when m.quantity >= 1e15 then 'is not below 1e15'
                when min_scale(m.quantity) > 6 then 'has more than 6 decimals'
            end
        from pg_temp.stocksync_import_movements as m
        where m.problem is null
        union all
        select m.line, 'occurred_at', m.occurred_at_text,
            'is not a time like 2010-12-01 08:26:00+00'
        from pg_temp.stocksync_import_movements as m
        where m.occurred_at_text is not null and m.occurred_at is null
        union all
        select m.line, 'occurred_at', m.occurred_at_text, 'is in a period that is closed'
        from pg_temp.stocksync_import_movements as m
        where m.occurred_at < (select c.before from stocksync._closed as c)
            and (select s.late_movements from stocksync.settings as s) = 'refuse'
            -- what was booked before it was closed may be sent again
            and not exists (
                select from public.stock_movements as b
                where b.idempotency_key = m.idempotency_key
            )
            and not exists (
                select from stocksync.archived_keys as b
                where b.idempotency_key = m.idempotency_key
            )
        union all
        select m.line, 'unit_cost', m.unit_cost_text,
            case
                when m.unit_cost is null then 'is not a number'
                when m.unit_cost < 0 then 'is below zero'
                when m.unit_cost >= 1e15 then 'is not below 1e15'
            end
        from pg_temp.stocksync_import_movements as m
        where m.unit_cost_text is not null
        union all
        select m.line, 'idempotency_key', m.idempotency_key, 'is longer than 2000 bytes'
        from pg_temp.stocksync_import_movements as m
        where octet_length(m.idempotency_key) > 2000
        union all
        select m.line, 'metadata', m.metadata_text, 'is not JSON'
        from pg_temp.stocksync_import_movements as m
        where m.metadata_text is not null and m.metadata is null
        union all
        select m.line, 'batch_number', m.batch_number,
            case
                when btrim(m.batch_number) = '' then 'is empty'
                when octet_length(m.batch_number) > 2000 then 'is longer than 2000 bytes'
            end
        from pg_temp.stocksync_import_movements as m
        where m.batch_number is not null
        union all
        select m.line, 'expiry_date', m.expiry_date_text,
            case
                when m.expiry_date is null then 'is not a date like 2010-12-01'
                when m.expiry_date < date '0001-01-02' then 'is before 0001-01-02'
                when m.expiry_date > date '9999-12-30' then 'is after 9999-12-30'
            end
        from pg_temp.stocksync_import_movements as m
        where m.expiry_date_text is not null
    ) as p (line, column_name, value, problem)
    where p.problem is not null;
$$;
COMMENT ON FUNCTION stocksync._movement_problems(p_create_products boolean) IS 'One row for each value in stocksync_import_movements that cannot become a movement, and for each line that could not be read.';
CREATE FUNCTION stocksync._outstanding(p_product_id bigint, p_transaction_type text, p_reference text) RETURNS TABLE(movement_id bigint, batch_id bigint, quantity numeric, occurred_at timestamp with time zone)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_movement_ids bigint[];
    v_is_shared boolean;
begin
    if p_reference is not null then
        select array_agg(distinct c.movement_id)
                filter (where c.transaction_type = p_transaction_type),
            count(*) > 1000
        into v_movement_ids, v_is_shared
        from (
            select c.movement_id, c.transaction_type
            from public.batch_consumptions as c
            where left(c.reference, 200) = left(p_reference, 200)
                and c.reference = p_reference
                and c.of_movement_id is null
            limit 1001
        ) as c;
    end if;
    if p_reference is null or v_is_shared then
        v_movement_ids := array(
            select l.id
            from (
                select m.id, m.occurred_at, m.transaction_type, m.reference
                from public.stock_movements as m
                where m.product_id = p_product_id
                order by m.occurred_at desc
                limit 1000
            ) as l
            where l.transaction_type = p_transaction_type
                and (p_reference is null or l.reference = p_reference)
            order by l.occurred_at desc, l.id desc
            limit 100
        );
    end if;
    -- A lot is the same goods at whatever place.
    return query
    select o.movement_id, o.batch_id, o.quantity, o.occurred_at
    from (
        select t.movement_id, min(t.batch_id) as batch_id, min(t.occurred_at) as occurred_at,
            sum(t.quantity) + coalesce((
                select sum(k.quantity)
                from (
                    select c.batch_id, c.quantity
                    from public.batch_consumptions as c
                    where c.of_movement_id = t.movement_id
                    union all
                    select c.batch_id, -c.quantity
                    from public.batch_receipts as c
                    where c.of_movement_id = t.movement_id
                ) as k
                join public.stock_batches as q on q.id = k.batch_id
                where coalesce(q.origin_id, q.id) = t.lot
            ), 0) as quantity
        from (
            select c.movement_id, c.batch_id, c.quantity, c.occurred_at,
                coalesce(b.origin_id, b.id) as lot
            from public.batch_consumptions as c
            join public.stock_batches as b on b.id = c.batch_id
            where c.movement_id = any (v_movement_ids)
                and c.of_movement_id is null
                and b.product_id = p_product_id
        ) as t
        group by t.movement_id, t.lot
    ) as o
    where o.quantity > 0;
end;
$$;
COMMENT ON FUNCTION stocksync._outstanding(p_product_id bigint, p_transaction_type text, p_reference text) IS 'What movements of this type and reference (null: the last ones, whatever their reference) took out of batches of the product and nothing has brought back, per movement and batch.';
CREATE FUNCTION stocksync._product_problems() RETURNS TABLE(line bigint, column_name text, value text, problem text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select s.line, null, null, s.problem
    from pg_temp.stocksync_import as s
    where s.problem is not null
    union all
    select p.line, p.column_name, p.value, p.problem
    from (
        select s.line, 'sku', s.sku,
            case
                when s.sku is null then 'is missing'
                when btrim(s.sku) = '' then 'is empty'
                when octet_length(s.sku) > 2000 then 'is longer than 2000 bytes'
            end
        from pg_temp.stocksync_import as s
        where s.problem is null
        union all
        select s.line, 'sku', s.sku, format('is in line %s already', k.line)
        from (
            select i.sku, min(i.line) as line
            from pg_temp.stocksync_import as i
            where i.sku is not null
            group by i.sku
            having count(*) > 1
        ) as k
        join pg_temp.stocksync_import as s on s.sku = k.sku and s.line > k.line
        union all
        select s.line, 'name', null, 'is missing'
        from pg_temp.stocksync_import as s
        where s.problem is null and s.name is null
        union all
        select s.line, b.column_name, b.value, 'is neither true nor false'
        from pg_temp.stocksync_import as s
        cross join lateral unnest(
            array['is_deleted', 'allow_negative', 'tracks_batches'],
            array[s.is_deleted, s.allow_negative, s.tracks_batches]
        ) as b (column_name, value)
        where b.value is not null and stocksync._as_boolean(b.value) is null
        union all
        select s.line, n.column_name, n.value, 'is not a number'
        from pg_temp.stocksync_import as s
        cross join lateral unnest(
            array['reorder_point', 'unit_cost'], array[s.reorder_point, s.unit_cost]
        ) as n (column_name, value)
        where n.value is not null and stocksync._as_numeric(n.value) is null
        union all
        select s.line, 'unit_cost', s.unit_cost, 'is below zero'
        from pg_temp.stocksync_import as s
        where stocksync._as_numeric(s.unit_cost) < 0
        union all
        select s.line, 'batch_strategy', s.batch_strategy, 'is none of "fefo", "fifo" and "lifo"'
        from pg_temp.stocksync_import as s
        where s.batch_strategy not in ('fefo', 'fifo', 'lifo')
    ) as p (line, column_name, value, problem)
    where p.problem is not null;
$$;
COMMENT ON FUNCTION stocksync._product_problems() IS 'One row for each value in stocksync_import that cannot become a product, and for each line that could not be read.';
CREATE FUNCTION stocksync._read_counts() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
    if to_regclass('pg_temp.stocksync_import_counts') is not null then
        drop table pg_temp.stocksync_import_counts;
    end if;
    create temporary table stocksync_import_counts on commit drop as
    select
        s.line,
        s.problem,
        s.sku,
        s.product_id as product_id_text,
        case
            when s.sku is not null then p.id
            when s.product_id ~ '^[0-9]{1,18}$'
                then (select i.id from public.products as i where i.id = s.product_id::bigint)
        end as product_id,
        s.location,
        s.location_id as location_id_text,
        case
            when s.location is not null then l.id
            when s.location_id ~ '^[0-9]{1,18}$'
                then (select i.id from public.locations as i where i.id = s.location_id::bigint)
        end as location_id,
        s.quantity as quantity_text,
        stocksync._as_numeric(s.quantity) as quantity,
        s.counted_at as counted_at_text,
        case
            when stocksync._as_timestamptz(s.counted_at, c.time_zone) is not null
                then stocksync.moment(s.counted_at)
        end as counted_at,
        s.user_id,
        s.notes,
        s.batch_number,
        null::bigint as batch_id,
        null::text as batch_problem
    from pg_temp.stocksync_import as s
    cross join stocksync.settings as c
    left join public.products as p on p.sku = s.sku
    left join public.locations as l on l.name = s.location;
    -- As stocksync.batch_id() finds them, and without an exception.
    update pg_temp.stocksync_import_counts as u
    set batch_id = case when f.batches = 1 then f.batch_id end,
        batch_problem = case f.batches
            when 0 then 'unknown batch'
            when 1 then null
            else 'is the number of several batches'
        end
    from (
        select g.line, count(g.id) as batches, min(g.id) as batch_id
        from (
            select s.line, b.id, rank() over (partition by s.line order by b.is_open desc) as rank
            from pg_temp.stocksync_import_counts as s
            left join public.stock_batches as b
                on b.product_id = s.product_id
                and b.batch_number = s.batch_number
                and b.location_id is not distinct from s.location_id
                and b.status <> 'retired'
            where s.batch_number is not null
        ) as g
        where g.rank = 1
        group by g.line
    ) as f
    where f.line = u.line;
end;
$_$;
COMMENT ON FUNCTION stocksync._read_counts() IS 'Makes the temporary table stocksync_import_counts: what stocksync_import says and what that is.';
CREATE FUNCTION stocksync._read_movements() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
    if to_regclass('pg_temp.stocksync_import_movements') is not null then
        drop table pg_temp.stocksync_import_movements;
    end if;
    create temporary table stocksync_import_movements on commit drop as
    select
        s.line,
        s.problem,
        s.sku,
        s.product_id as product_id_text,
        case
            when s.sku is not null then p.id
            when s.product_id ~ '^[0-9]{1,18}$'
                then (select i.id from public.products as i where i.id = s.product_id::bigint)
        end as product_id,
        s.location,
        s.location_id as location_id_text,
        case
            when s.location is not null then l.id
            when s.location_id ~ '^[0-9]{1,18}$'
                then (select i.id from public.locations as i where i.id = s.location_id::bigint)
        end as location_id,
        s.transaction_type,
        t.movement_type as direction,
        s.movement_type,
        s.quantity as quantity_text,
        stocksync._as_numeric(s.quantity) as quantity,
        s.occurred_at as occurred_at_text,
        stocksync._as_timestamptz(s.occurred_at, c.time_zone) as occurred_at,
        s.unit_cost as unit_cost_text,
        stocksync._as_numeric(s.unit_cost) as unit_cost,
        s.reference,
        s.idempotency_key,
        s.user_id,
        s.notes,
        s.metadata as metadata_text,
        stocksync._as_jsonb(s.metadata) as metadata,
        s.batch_number,
        s.expiry_date as expiry_date_text,
        case
            -- a day alone
            when length(s.expiry_date) = 10
                then (stocksync._as_timestamptz(s.expiry_date, 'UTC') at time zone 'UTC')::date
        end as expiry_date
    from pg_temp.stocksync_import as s
    cross join stocksync.settings as c
    left join public.transaction_types as t on t.name = s.transaction_type
    left join public.products as p on p.sku = s.sku
    left join public.locations as l on l.name = s.location;
end;
$_$;
COMMENT ON FUNCTION stocksync._read_movements() IS 'Makes the temporary table stocksync_import_movements: what stocksync_import says and what that is.';
CREATE FUNCTION stocksync._receive(p_receipts stocksync._receipt[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    -- Two sessions cannot make the same one: the caller holds the locks on the products. What is
    -- quarantined is so by its number: also where it is moved to, and what comes in of it later.
    insert into public.stock_batches (
        product_id, location_id, batch_number, expiry_date, cost_price, received_at, origin_id,
        status
    )
    select n.product_id, n.location_id, n.batch_number, n.expiry_date, n.cost_price, n.received_at,
        n.origin_id,
        case
            when exists (
                select
                from public.stock_batches as q
                where q.product_id = n.product_id
                    and q.batch_number = n.batch_number
                    and q.status = 'quarantined'
            ) then 'quarantined'
            else 'active'
        end
    from (
        select distinct on (
            r.product_id, r.batch_number, r.location_id, r.expiry_date, r.cost_price
        ) r.*
        from unnest(p_receipts) as r
        order by r.product_id, r.batch_number, r.location_id, r.expiry_date, r.cost_price,
            r.occurred_at, r.movement_id, r.origin_id
    ) as n
    -- their numbers say which came first, of those of one moment
    order by n.occurred_at, n.movement_id, n.origin_id
    on conflict (product_id, batch_number, location_id, expiry_date, cost_price)
        where status <> 'retired' do nothing;
    with receipt as materialized (
        select r.movement_id, b.id as batch_id, r.quantity, r.of_movement_id, r.occurred_at
        from unnest(p_receipts) as r
        join public.stock_batches as b
            on b.product_id = r.product_id
            and b.batch_number = r.batch_number
            and b.location_id is not distinct from r.location_id
            and b.expiry_date is not distinct from r.expiry_date
            and b.cost_price is not distinct from r.cost_price
            and b.status <> 'retired'
    ),
    received as (
        insert into public.batch_receipts
            (movement_id, batch_id, quantity, of_movement_id, occurred_at, transaction_type)
        select r.movement_id, r.batch_id, trim_scale(r.quantity), r.of_movement_id, r.occurred_at,
            (select m.transaction_type from public.stock_movements as m where m.id = r.movement_id)
        from receipt as r
    )
    update public.stock_batches as b
    set quantity_received = trim_scale(b.quantity_received + r.quantity),
        quantity_remaining = trim_scale(b.quantity_remaining + r.quantity)
    from (
        select t.batch_id, sum(t.quantity) as quantity
        from receipt as t
        group by t.batch_id
    ) as r
    where b.id = r.batch_id;
end;
$$;
COMMENT ON FUNCTION stocksync._receive(p_receipts stocksync._receipt[]) IS 'Brings these units into their batches and makes those that are missing. Raises check_violation for a number or a date that no batch can have. The caller holds the locks on the products.';
CREATE FUNCTION stocksync._receive_movements(p_wants stocksync._want[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    r record;
begin
    for r in
        select w.batch_id, (select p.sku from public.products as p where p.id = w.product_id) as sku
        from unnest(p_wants) as w
        where w.batch_id is not null
            and not exists (
                select from public.stock_batches as b
                where b.id = w.batch_id and b.product_id = w.product_id
            )
        order by w.movement_id
        limit 1
    loop
        raise exception 'batch % is not a batch of "%"', r.batch_id, r.sku
            using errcode = 'foreign_key_violation',
                  hint = 'List the batches of a product with "stocksync batch list --sku SKU".',
                  schema = 'public', table = 'stock_movements', column = 'batch_id',
                  constraint = 'stock_movements_batch_exists';
    end loop;
    perform stocksync._receive(array_agg(row(
        m.id, m.product_id, m.location_id,
        coalesce(n.batch_number, m.batch_number, '#' || m.id),
        case
            when n.id is not null then n.expiry_date
            else coalesce(m.expiry_date, k.expiry_date)
        end,
        case
            when n.id is not null then n.cost_price
            when k.is_same or k.is_moved then k.cost_price
            else coalesce(
                m.unit_cost,
                k.cost_price,
                -- a product's cost is not checked: NaN is above every number
                case when p.unit_cost >= 0 and p.unit_cost < 1e15 then p.unit_cost end
            )
        end,
        w.quantity, null,
        coalesce(n.origin_id, n.id, k.origin_id),
        coalesce(n.received_at, k.received_at, m.occurred_at),
        m.occurred_at
    )::stocksync._receipt))
    from unnest(p_wants) as w
    join public.stock_movements as m on m.id = w.movement_id
    join public.products as p on p.id = m.product_id
    join public.transaction_types as y on y.name = m.transaction_type
    -- not joined: see stocksync._allocate()
    left join lateral (
        select * from public.stock_batches as b where b.id = w.batch_id limit 1
    ) as n on true
    -- The batch of this number: here and as the movement says, else the newest one anywhere.
    left join lateral (
        select b.expiry_date, b.cost_price, h.is_same, h.is_moved,
            case when h.is_same then b.origin_id when h.is_moved then coalesce(b.origin_id, b.id) end
                as origin_id,
            case when h.is_same or h.is_moved then b.received_at end as received_at
        from public.stock_batches as b
        cross join lateral (
            select
                b.location_id is not distinct from m.location_id
                    and b.expiry_date is not distinct from coalesce(m.expiry_date, b.expiry_date)
                    and (
                        y.brings_back is not null
                        or b.cost_price is not distinct from coalesce(m.unit_cost, b.cost_price)
                    ) as is_same,
                y.brings_back is not null as is_moved
        ) as h
        where b.product_id = m.product_id
            -- one that came in without a number may have a batch of its own, from before it changed
            and b.batch_number = coalesce(m.batch_number, '#' || m.id)
            and b.status <> 'retired'
        order by h.is_same desc, b.id desc
        limit 1
    ) as k on w.batch_id is null;
end;
$$;
COMMENT ON FUNCTION stocksync._receive_movements(p_wants stocksync._want[]) IS 'Brings these quantities into the batches that the movements name, or into batches of their own. Raises foreign_key_violation for a batch that is not one of the product. The caller holds the locks on the products.';
CREATE FUNCTION stocksync._recheck_counts(p_product_ids bigint[], p_since timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_setting constant text := (select s.late_movements_before_count from stocksync.settings as s);
    v_count_ids bigint[];
    v_product_ids bigint[];
    v_location_ids bigint[];
    v_ats timestamptz[];
    v_balances numeric[];
    v_quantities numeric[];
    r record;
begin
    -- 1. By how much the ledger has moved at each count, and by how much of it only since the count
    -- before: what is booked for one count moves those after it too.
    select array_agg(c.id), array_agg(c.product_id), array_agg(c.location_id),
        array_agg(c.counted_at), array_agg(c.balance)
    into v_count_ids, v_product_ids, v_location_ids, v_ats, v_balances
    from stocksync.counts as c
    where c.product_id = any (p_product_ids)
        and c.counted_at >= p_since
        and c.balance is not null;
    with moved as (
        select n.id, n.counted_at, n.quantity - n.balance as quantity,
            n.quantity - n.balance - lag(n.quantity - n.balance, 1, 0::numeric) over (
                partition by n.product_id, n.location_id order by n.counted_at
            ) as since_last
        from unnest(
            v_count_ids, v_product_ids, v_location_ids, v_ats, v_balances,
            stocksync._stock_at_moments(v_product_ids, v_location_ids, v_ats)
        ) as n (id, product_id, location_id, counted_at, balance, quantity)
    ),
    due as (
        select d.id, d.counted_at,
            case v_setting when 'keep_count' then -d.since_last else d.quantity end as quantity
        from moved as d
    )
    select array_agg(d.id order by d.counted_at, d.id),
        array_agg(d.quantity order by d.counted_at, d.id)
    into v_count_ids, v_quantities
    from due as d
    where d.quantity <> 0;
    if v_count_ids is null then
        return;
    end if;
    -- 2. What stands: the count, or the difference.
    if v_setting = 'keep_count' then
        -- The period may be in the course of being closed. A transaction that was writing in it then
        -- is waited for, but what it books now must not go elsewhere.
        perform stocksync._refuse_closed(min(c.counted_at))
        from stocksync.counts as c
        where c.id = any (v_count_ids);
        perform stocksync._book_corrections(
            v_count_ids, v_quantities, 'movements before the count came late'
        );
    else
        update stocksync.counts as c
        set balance = trim_scale(c.balance + g.quantity)
        from unnest(v_count_ids, v_quantities) as g (id, quantity)
        where c.id = g.id;
    end if;
    -- 3. Never silently.
    for r in
        select c.id, c.product_id, c.counted_at, c.quantity as counted, c.balance, l.name, g.quantity
        from unnest(v_count_ids, v_quantities) with ordinality as g (id, quantity, position)
        join stocksync.counts as c on c.id = g.id
        left join public.locations as l on l.id = c.location_id
        order by g.position
    loop
        perform stocksync._write_log(
            'warning', 'late movements before a count', r.product_id,
            jsonb_strip_nulls(jsonb_build_object(
                'count', r.id, 'counted_at', r.counted_at, 'location', r.name,
                'counted', r.counted, 'setting', v_setting,
                'correction', case v_setting when 'keep_count' then r.quantity end,
                'moved', case v_setting when 'keep_difference' then r.quantity end,
                'balance', r.balance
            ))
        );
    end loop;
    -- 4. Now, as settle still has to see whether the stock has fallen below zero.
    set constraints stocksync._500_settle immediate;
end;
$$;
COMMENT ON FUNCTION stocksync._recheck_counts(p_product_ids bigint[], p_since timestamp with time zone) IS 'Does to the counts of these products, of this moment or later, what settings.late_movements_before_count says, where the ledger no longer says what it said. Raises SS005 where a correction would have to be booked in a period that is being closed.';
CREATE FUNCTION stocksync._record_counts(p_counts stocksync.counts[]) RETURNS SETOF stocksync.counts
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_missing bigint;
    v_now timestamptz;
    v_before timestamptz;
    v_at timestamptz;
    v_batch_id bigint;
    v_sku text;
    v_of_batches boolean;
    v_counts stocksync.counts[];
    v_ledger numeric[];
    v_new_ids bigint[];
    v_count_ids bigint[] := '{}';
begin
    -- 1. What this transaction has written itself is in the ledger, and nobody else writes to it
    -- until this has ended.
    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle deferred;
    perform from public.products as p
    where p.id in (select g.product_id from unnest(p_counts) as g)
    order by p.id
    for no key update;
    select min(g.product_id) into v_missing
    from unnest(p_counts) as g
    where not exists (select from public.products as p where p.id = g.product_id);
    if v_missing is not null then
        raise exception 'product % does not exist', v_missing
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    end if;
    select min(g.location_id) into v_missing
    from unnest(p_counts) as g
    where not exists (select from public.locations as l where l.id = g.location_id);
    if v_missing is not null then
        raise exception 'location % does not exist', v_missing
            using errcode = 'no_data_found',
                  hint = 'The locations are in public.locations.';
    end if;
    select g.batch_id, p.sku into v_batch_id, v_sku
    from unnest(p_counts) as g
    join public.products as p on p.id = g.product_id
    where g.batch_id is not null
        and not exists (
            select from public.stock_batches as b
            where b.id = g.batch_id
                and b.product_id = g.product_id
                and b.location_id is not distinct from coalesce(g.location_id, b.location_id)
                and b.status <> 'retired'
        )
    order by g.batch_id
    limit 1;
    if found then
        raise exception 'batch % is not a batch of "%" at this place', v_batch_id, v_sku
            using errcode = 'no_data_found',
                  hint = 'List them with "stocksync batch list --sku SKU".';
    end if;
    -- 2. The moments. Now is when nobody moves the stock any more.
    v_now := clock_timestamp();
    select max(g.counted_at) into v_at from unnest(p_counts) as g;
    if v_at > v_now then
        raise exception '% is in the future', v_at
            using errcode = 'invalid_parameter_value',
                  hint = 'Say when it was counted; leave the time out for now. A day alone is its end.';
    end if;
    select c.before into v_before from stocksync._closed as c;
    select min(coalesce(g.counted_at, v_now)) into v_at from unnest(p_counts) as g;
    if v_at < v_before then
        raise exception 'the period of % is closed', v_at
            using errcode = 'SS005',
                  detail = format('The stock before %s is final.', v_before),
                  hint = 'Count again, for now; or take the closing back with "stocksync close --reopen".',
                  schema = 'stocksync', table = 'counts', column = 'counted_at';
    end if;
    foreach v_of_batches in array array[true, false] loop
        select array_agg(row(
            null, g.product_id, coalesce(g.location_id, b.location_id),
            coalesce(g.counted_at, v_now), g.quantity, null, null, null, null, g.run_id, g.user_id,
            g.notes, g.batch_id
        )::stocksync.counts order by g.position)
        into v_counts
        from unnest(p_counts) with ordinality as g (
            id, product_id, location_id, counted_at, quantity, expected, balance, recorded_at,
            recorded_by, run_id, user_id, notes, batch_id, position
        )
        left join public.stock_batches as b on b.id = g.batch_id
        where (g.batch_id is not null) = v_of_batches;
        continue when v_counts is null;
        -- 3. The counts. What is booked for one moves what is expected at the next.
        if v_of_batches then
            v_ledger := stocksync._batches_at_moments(
                array(select g.batch_id from unnest(v_counts) as g),
                array(select g.counted_at from unnest(v_counts) as g)
            );
        else
            v_ledger := stocksync._stock_at_moments(
                array(select g.product_id from unnest(v_counts) as g),
                array(select g.location_id from unnest(v_counts) as g),
                array(select g.counted_at from unnest(v_counts) as g)
            );
        end if;
        with told as (
            select g.*,
                g.ledger + coalesce(lag(g.quantity - g.ledger) over (
                    partition by g.product_id, g.location_id, g.batch_id
                    order by g.counted_at, g.position
                ), 0) as found
            from rows from (unnest(v_counts), unnest(v_ledger)) with ordinality as g (
                id, product_id, location_id, counted_at, quantity, expected, balance, recorded_at,
                recorded_by, run_id, user_id, notes, batch_id, ledger, position
            )
        ),
        inserted as (
            insert into stocksync.counts (
                product_id, location_id, counted_at, quantity, expected, balance, run_id, user_id,
                notes, batch_id
            )
            select t.product_id, t.location_id, t.counted_at, trim_scale(t.quantity),
                trim_scale(t.found),
                -- late movements are not held against a batch
                case when t.batch_id is null then trim_scale(t.quantity) end,
                t.run_id, t.user_id, t.notes, t.batch_id
            from told as t
            order by t.position
            returning id
        )
        select array_agg(i.id order by i.id) into v_new_ids from inserted as i;
        -- Of one moment the last one stands.
        update stocksync.counts as o
        set balance = null
        from stocksync.counts as c
        where c.id = any (v_new_ids)
            and c.batch_id is null
            and o.product_id = c.product_id
            and o.counted_at = c.counted_at
            and o.location_id is not distinct from c.location_id
            and o.id < c.id
            and o.balance is not null;
        -- 4. The differences.
        perform stocksync._book_corrections(
            array_agg(c.id order by c.id), array_agg(c.quantity - c.expected order by c.id)
        )
        from stocksync.counts as c
        where c.id = any (v_new_ids) and c.quantity <> c.expected
        having count(*) > 0;
        -- A transaction with an older snapshot does not see these counts. It must not write movements
        -- before them: that it cannot where the row of the product has changed.
        update public.products as p
        set quantity_on_hand = p.quantity_on_hand
        where p.id in (
            select c.product_id
            from stocksync.counts as c
            where c.id = any (v_new_ids) and c.quantity = c.expected
        );
        -- 5. The stock, and whether there is enough; the counts after these.
        set constraints stocksync._500_settle immediate;
        set constraints stocksync._500_settle deferred;
        v_count_ids := v_count_ids || v_new_ids;
    end loop;
    return query
    select c.*
    from stocksync.counts as c
    where c.id = any (v_count_ids)
    order by c.id;
end;
$$;
COMMENT ON FUNCTION stocksync._record_counts(p_counts stocksync.counts[]) IS 'Records these counts and returns them as recorded. Of each, what the counter cannot know is left null; a null counted_at is now. Raises no_data_found for an unknown product, location or batch, invalid_parameter_value for the future, SS005 where the period is closed, and what the table and an insert of movements raise.';
CREATE FUNCTION stocksync._record_findings(p_run_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_found bigint;
begin
    insert into stocksync.findings (
        run_id, product_id, quantity_on_hand, total_stock, rolled_up, ledger, movements, differs
    )
    select p_run_id, d.product_id, d.quantity_on_hand, d.total_stock, d.rolled_up, d.ledger,
        d.movements, d.differs
    from stocksync.discrepancies(p_force => true) as d;
    insert into stocksync.findings as f (
        run_id, product_id, quantity_on_hand, total_stock, rolled_up, ledger, movements, differs
    )
    -- nothing else differs: the stock is the ledger
    select p_run_id, c.product_id, h.quantity_on_hand, h.quantity_on_hand, h.quantity_on_hand,
        h.quantity_on_hand, coalesce(l.movements, 0), c.differs
    from (
        select u.product_id, array_agg(distinct u.differs) as differs
        from (
            select c.product_id, 'closing' as differs
            from stocksync._closing_differences() as c (product_id)
            union all
            select b.product_id, 'batches'
            from stocksync.batch_discrepancies() as b
        ) as u
        group by u.product_id
    ) as c
    join public.stock_on_hand as h on h.product_id = c.product_id
    left join (
        select s.product_id, sum(s.movements) as movements
        from stocksync.stock_by_location as s
        group by s.product_id
    ) as l on l.product_id = c.product_id
    on conflict on constraint findings_pkey do update set differs = f.differs || excluded.differs;
    select count(*) into v_found from stocksync.findings as f where f.run_id = p_run_id;
    perform stocksync._record_found(p_run_id, v_found);
    perform stocksync._record_step(p_run_id, 'compare', jsonb_build_object(
        'found', v_found,
        -- where that is allowed it is no fault, but worth a look
        'once_negative', (select count(*) from stocksync.negative_in_past())
    ));
end;
$$;
COMMENT ON FUNCTION stocksync._record_findings(p_run_id bigint) IS 'Compares everything with the movements and records for this run what differs, and how many products were below zero at some time.';
CREATE FUNCTION stocksync._record_found(p_run_id bigint, p_products_found bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    update stocksync.runs as u
    set products_found = p_products_found,
        seen_at = clock_timestamp()
    where u.id = p_run_id;
$$;
COMMENT ON FUNCTION stocksync._record_found(p_run_id bigint, p_products_found bigint) IS 'Records how many products a run has found wrong.';
CREATE FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select stocksync._record_import(p_kind, p_file, p_started_at, p_counts, '{}');
$$;
COMMENT ON FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb) IS 'Writes the record of an import that booked no movements, and logs it.';
CREATE FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb, p_movement_ids int8multirange) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_run_id bigint;
begin
    insert into stocksync.runs (command, options, started_at, finished_at, movement_ids)
    values (
        format('import %s', p_kind),
        jsonb_strip_nulls(jsonb_build_object('file', p_file)),
        p_started_at,
        clock_timestamp(),
        p_movement_ids
    )
    returning id into v_run_id;
    perform stocksync._write_log(
        'info', format('%s imported', p_kind),
        p_context => jsonb_strip_nulls(jsonb_build_object('run', v_run_id, 'file', p_file))
            || p_counts
    );
end;
$$;
COMMENT ON FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb, p_movement_ids int8multirange) IS 'Writes the record of an import that has done its work and booked these movements, and logs it.';
CREATE FUNCTION stocksync._record_objects() RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    merge into stocksync.deployed_object as d
    using stocksync.live_object() as l on d.kind = l.kind and d.identity = l.identity
    when matched and (d.md5, d.path) is distinct from (l.md5, l.path) then
        update set md5 = l.md5, path = l.path
    when not matched then
        insert (kind, identity, md5, path) values (l.kind, l.identity, l.md5, l.path);
    delete from stocksync.deployed_object as d
    where not exists (
        select from stocksync.live_object() as l where l.kind = d.kind and l.identity = d.identity
    );
$$;
COMMENT ON FUNCTION stocksync._record_objects() IS 'Stores the fingerprint of every object of stocksync, for stocksync.drift to compare with.';
CREATE FUNCTION stocksync._record_step(p_run_id bigint, p_step text, p_done jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    update stocksync.runs as u
    set cost = u.cost || jsonb_build_array(jsonb_build_object(
            'step', p_step,
            'seconds', round(extract(epoch from clock_timestamp() - now()), 6),
            'done', p_done
        )),
        seen_at = clock_timestamp()
    where u.id = p_run_id;
$$;
COMMENT ON FUNCTION stocksync._record_step(p_run_id bigint, p_step text, p_done jsonb) IS 'Adds a step to the cost of a run: its name, seconds since the transaction began, and what it dealt with.';
CREATE FUNCTION stocksync._recount_days(p_product_ids bigint[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    update stocksync.stock_total as t
    set first_on = d.first_on,
        last_on = d.last_on,
        last_count_on = d.last_count_on
    from stocksync.stock_total as o
    left join stocksync._daily_totals(p_product_ids) as d
        on d.product_id = o.product_id and d.location_id is not distinct from o.location_id
    where t.product_id = o.product_id
        and t.location_id is not distinct from o.location_id
        and (p_product_ids is null or t.product_id = any (p_product_ids))
        and (t.first_on, t.last_on, t.last_count_on)
            is distinct from (d.first_on, d.last_on, d.last_count_on);
$$;
COMMENT ON FUNCTION stocksync._recount_days(p_product_ids bigint[]) IS 'Sets first_on, last_on and last_count_on of stock_total to what stock_daily says, for these products; null for all.';
CREATE FUNCTION stocksync._refresh_views() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    SET max_parallel_workers_per_gather TO '0'
    AS $$
declare
    v_began_at timestamptz;
    v_refreshed bigint := 0;
    r record;
begin
    for r in
        -- The input is read before the view is: what changes in between makes the view be
        -- refreshed again the next time.
        select c.relname::text as name, i.input, c.relispopulated as is_populated
        from pg_class as c
        join (
            values (true, stocksync._view_input(true)), (false, stocksync._view_input(false))
        ) as i (is_past, input) on i.is_past = (c.relname like '\_past\_%')
        where c.relnamespace = 'stocksync'::regnamespace
            and c.relkind = 'm'
            and not (c.relispopulated and exists (
                select
                from stocksync.view_refreshes as d
                where d.view_name = c.relname::text and d.input = i.input
            ))
        -- those whose names begin with _ are read by the others
        order by c.relname
    loop
        v_began_at := clock_timestamp();
        -- After a restore of tables and data apart a view is empty, and has nothing to be read.
        execute format(
            'refresh materialized view %s stocksync.%I',
            case when r.is_populated then 'concurrently' else '' end, r.name
        );
        insert into stocksync.view_refreshes as d (view_name, seconds, input)
        values (
            r.name, round(extract(epoch from clock_timestamp() - v_began_at), 6), r.input
        )
        on conflict (view_name) do update set
            refreshed_at = excluded.refreshed_at,
            seconds = excluded.seconds,
            input = excluded.input;
        v_refreshed := v_refreshed + 1;
    end loop;
    return v_refreshed;
end;
$$;
COMMENT ON FUNCTION stocksync._refresh_views() IS 'Refreshes the materialized views of schema stocksync whose input has changed since, concurrently unless they are not populated, and returns how many.';
CREATE TABLE stocksync.archives (
    id bigint NOT NULL,
    closing_id bigint NOT NULL,
    archived_before timestamp with time zone NOT NULL,
    time_zone text NOT NULL,
    file text NOT NULL,
    sha256 text NOT NULL,
    content_sha256 text NOT NULL,
    movements bigint NOT NULL,
    movement_ids int8multirange NOT NULL,
    last_recorded_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    archived_by text DEFAULT SESSION_USER NOT NULL,
    restored_at timestamp with time zone,
    CONSTRAINT archives_sha256_is_hexadecimal CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
COMMENT ON TABLE stocksync.archives IS 'Files into which movements of closed periods were moved.';
COMMENT ON COLUMN stocksync.archives.archived_before IS 'The movements in it occurred before this instant.';
COMMENT ON COLUMN stocksync.archives.time_zone IS 'Whose days archived_daily counts in.';
COMMENT ON COLUMN stocksync.archives.file IS 'Name of the file, as it was written.';
COMMENT ON COLUMN stocksync.archives.sha256 IS 'Of its lines, as they are before they are packed, in hexadecimal.';
COMMENT ON COLUMN stocksync.archives.content_sha256 IS 'Of the movements as the database read them back: what is put back must be the same.';
COMMENT ON COLUMN stocksync.archives.movements IS 'How many movements are in it.';
COMMENT ON COLUMN stocksync.archives.movement_ids IS 'Their numbers.';
COMMENT ON COLUMN stocksync.archives.last_recorded_at IS 'The last recorded_at or replacement among them: before it, what was known cannot be told without the file.';
COMMENT ON COLUMN stocksync.archives.archived_by IS 'The session user.';
COMMENT ON COLUMN stocksync.archives.restored_at IS 'When its movements were put back; null while they are away.';
CREATE FUNCTION stocksync._refuse_archived(p_archive stocksync.archives) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception 'movements that tell this are archived'
        using errcode = 'SS006',
              detail = format('Movements before %s are in "%s"; their days are kept, single movements are not.',
                  p_archive.archived_before, p_archive.file),
              hint = 'Ask for the end of a day, or put them back with "stocksync archive --restore FILE".';
end;
$$;
COMMENT ON FUNCTION stocksync._refuse_archived(p_archive stocksync.archives) IS 'Raises SS006, naming the archive.';
CREATE FUNCTION stocksync._refuse_archived_id(p_movement_id bigint) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception 'movement % is archived', p_movement_id
        using errcode = 'unique_violation',
              hint = 'It was counted already. Leave the number of a new movement out.',
              schema = 'public', table = 'stock_movements', column = 'id',
              constraint = 'stock_movements_pkey';
end;
$$;
COMMENT ON FUNCTION stocksync._refuse_archived_id(p_movement_id bigint) IS 'Raises unique_violation: this number is taken.';
CREATE FUNCTION stocksync._refuse_archived_key(p_key stocksync.archived_keys) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception 'idempotency key "%" belongs to an archived movement', p_key.idempotency_key
        using errcode = 'unique_violation',
              detail = format('Movement %s of %s has it.', p_key.movement_id, p_key.occurred_at),
              hint = 'It was counted already. stocksync.record_movement() and "stocksync import" take such a retry without an error.',
              schema = 'public', table = 'stock_movements', column = 'idempotency_key',
              constraint = 'stock_movements_idempotency_key_idx';
end;
$$;
COMMENT ON FUNCTION stocksync._refuse_archived_key(p_key stocksync.archived_keys) IS 'Raises unique_violation: this key is taken.';
CREATE FUNCTION stocksync._refuse_closed(p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;
COMMENT ON FUNCTION stocksync._refuse_closed(p_at timestamp with time zone) IS 'Raises SS005 if movements of this time are closed; null is never.';
CREATE FUNCTION stocksync._refuse_key(p_idempotency_key text, p_movement_id bigint) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception 'idempotency key "%" belongs to another movement', p_idempotency_key
        using errcode = 'SS002',
              detail = format('Movement %s has this key and another content.', p_movement_id),
              hint = 'Use a new key for a new movement; send the same content to retry.',
              schema = 'public', table = 'stock_movements', column = 'idempotency_key';
end;
$$;
COMMENT ON FUNCTION stocksync._refuse_key(p_idempotency_key text, p_movement_id bigint) IS 'Raises SS002: this movement has the key.';
CREATE TABLE public.products (
    id bigint NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    quantity_on_hand numeric DEFAULT 0 NOT NULL,
    total_stock numeric DEFAULT 0 NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    allow_negative boolean,
    reorder_point numeric,
    unit_cost numeric,
    tracks_batches boolean DEFAULT false NOT NULL,
    batch_strategy text DEFAULT 'fefo'::text NOT NULL
)
WITH (fillfactor='70');
COMMENT ON TABLE public.products IS 'What is stocked. quantity_on_hand and total_stock are derived from stock_movements and kept by stocksync; everything else belongs to the application.';
COMMENT ON COLUMN public.products.id IS 'Number of the product.';
COMMENT ON COLUMN public.products.sku IS 'The shop''s own code of the product: unique, case-sensitive.';
COMMENT ON COLUMN public.products.name IS 'What people call the product.';
COMMENT ON COLUMN public.products.quantity_on_hand IS 'Units in stock: sum of in-movements minus sum of out-movements, exact at every commit. Below zero only where negative stock is allowed. Derived: the ledger overrides manual updates.';
COMMENT ON COLUMN public.products.total_stock IS 'The same quantity, for applications that read this name. Derived like quantity_on_hand.';
COMMENT ON COLUMN public.products.status IS 'The application''s word for the product''s state; "active" by default.';
COMMENT ON COLUMN public.products.is_deleted IS 'True when the application has deleted the product softly; its ledger stays.';
COMMENT ON COLUMN public.products.allow_negative IS 'May the stock fall below zero? Null: as stocksync.settings says.';
COMMENT ON COLUMN public.products.reorder_point IS 'Stock at or below which the product should be ordered; null for none.';
COMMENT ON COLUMN public.products.unit_cost IS 'Cost of one unit in the shop''s currency; null if unknown.';
COMMENT ON COLUMN public.products.tracks_batches IS 'True: every unit in stock belongs to a batch. Switched on, what is there becomes an opening batch at each place (stocksync.opening_batches() says which); switched off, the batches are retired.';
COMMENT ON COLUMN public.products.batch_strategy IS 'From which batch is taken first where the movement names none: "fefo" (the one that expires first), "fifo" (received first) or "lifo" (received last).';
CREATE FUNCTION stocksync._refuse_negative(p_product public.products, p_delta numeric) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if coalesce(p_product.allow_negative, (select s.allow_negative from stocksync.settings as s)) then
        return;
    end if;
    raise exception 'insufficient stock of "%"', p_product.sku
        using errcode = 'SS001',
              detail = format('There are %s, and %s were asked for.',
                  trim_scale(p_product.quantity_on_hand - p_delta), trim_scale(-p_delta)),
              hint = 'Take less, or receive stock first. products.allow_negative and stocksync.settings decide whether stock may fall below zero.',
              schema = 'public', table = 'products', column = 'quantity_on_hand';
end;
$$;
COMMENT ON FUNCTION stocksync._refuse_negative(p_product public.products, p_delta numeric) IS 'Raises SS001 if the product, as it is after p_delta, may not be below zero.';
CREATE FUNCTION stocksync._refuse_orphans(p_product_id bigint) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if exists (select from public.products as p where p.id = p_product_id) then
        raise exception 'the stock of product % could not be updated', p_product_id
            using errcode = 'triggered_action_exception',
                  hint = 'A trigger, rule or policy on products suppresses the update.',
                  schema = 'public', table = 'products', column = 'quantity_on_hand';
    end if;
    if exists (select from public.stock_movements as m where m.product_id = p_product_id) then
        raise exception 'product % does not exist, but has movements', p_product_id
            using errcode = 'foreign_key_violation',
                  hint = 'Delete the movements of a product before the product, or keep both.',
                  schema = 'public', table = 'stock_movements', column = 'product_id',
                  constraint = 'stock_movements_product_exists';
    end if;
end;
$$;
COMMENT ON FUNCTION stocksync._refuse_orphans(p_product_id bigint) IS 'Raises foreign_key_violation if a product that no longer exists still has movements.';
CREATE FUNCTION stocksync._refuses_negative() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select exists (select from stocksync.settings as s where not s.allow_negative)
        -- in an order, so that it is the index that is asked, whatever the planner knows of the table
        or (
            select p.id from public.products as p where not p.allow_negative order by p.id limit 1
        ) is not null;
$$;
COMMENT ON FUNCTION stocksync._refuses_negative() IS 'True if the settings or any product refuse negative stock.';
CREATE FUNCTION stocksync._reject_schedule(p_task text, p_reason text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select stocksync._write_log(
        'error', 'schedule not understood',
        p_context => jsonb_build_object(
            'task', s.task, 'cron', s.cron, 'reason', p_reason
        )
    )
    from stocksync.schedules as s
    where s.task = p_task;
$$;
COMMENT ON FUNCTION stocksync._reject_schedule(p_task text, p_reason text) IS 'Logs as an error that a worker cannot make sense of the schedule of this task, and why.';
CREATE FUNCTION stocksync._report_from() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select stocksync._shop_day() - s.report_days::integer + 1 from stocksync.settings as s;
$$;
COMMENT ON FUNCTION stocksync._report_from() IS 'The first of the last report_days days of stocksync.settings, today being the last of them.';
CREATE FUNCTION stocksync._requeue_job(p_job stocksync.jobs, p_run_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_job_id bigint;
begin
    loop
        update stocksync.jobs as q
        set arguments = stocksync._merge_arguments(q.arguments, p_job.arguments),
            run_at = least(q.run_at, p_run_at),
            failures = greatest(q.failures, p_job.failures),
            sqlstate = p_job.sqlstate,
            error = p_job.error
        where q.subject = p_job.subject
            and q.state = 'queued'
        returning q.id into v_job_id;
        if found then
            update stocksync.jobs as j
            set state = 'merged', merged_into = v_job_id, finished_at = clock_timestamp()
            where j.id = p_job.id;
            return;
        end if;
        begin
            update stocksync.jobs as j
            set state = 'queued', run_at = p_run_at, finished_at = null
            where j.id = p_job.id;
            return;
        exception when unique_violation then
            -- Somebody has just queued the same. An older snapshot will never show it.
            if current_setting('transaction_isolation') <> 'read committed' then
                raise exception 'job % was queued by another transaction', p_job.id
                    using errcode = 'serialization_failure', hint = 'Retry.';
            end if;
        end;
    end loop;
end;
$$;
COMMENT ON FUNCTION stocksync._requeue_job(p_job stocksync.jobs, p_run_at timestamp with time zone) IS 'Queues a job again, not before this time, or merges it into the one queued for the same. The caller holds its row.';
CREATE FUNCTION stocksync._restore_differences(p_snapshot_id bigint, p_product_ids bigint[]) RETURNS TABLE(product_id bigint, location_id bigint, balance numeric, quantity numeric)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_snapshot stocksync.snapshots;
begin
    select * into v_snapshot from stocksync.snapshots as s where s.id = p_snapshot_id;
    return query
    select u.product_id, u.location_id, sum(u.balance), trim_scale(sum(u.quantity))
    from (
        select b.product_id, b.location_id, b.quantity as balance, b.quantity
        from stocksync.snapshot_balances as b
        where b.snapshot_id = p_snapshot_id
            and (p_product_ids is null or b.product_id = any (p_product_ids))
        union all
        select l.product_id, l.location_id, 0, -l.quantity
        from stocksync._ledger_at(p_product_ids, v_snapshot.at, v_snapshot.known_at) as l
        where v_snapshot.id is not null
        union all
        select m.product_id, m.location_id, 0,
            case m.movement_type when 'in' then -m.quantity else m.quantity end
        from stocksync.runs as r
        cross join unnest(r.movement_ids) as i
        join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
        where r.command = 'restore'
            and (m.occurred_at > v_snapshot.at or m.recorded_at > v_snapshot.known_at)
            and (p_product_ids is null or m.product_id = any (p_product_ids))
            and not exists (
                select from public.stock_movements as v where v.reverses_id = m.id
            )
    ) as u
    -- balances from a file say nothing of what is not in it
    left join stocksync.snapshot_balances as k
        on k.snapshot_id = p_snapshot_id
        and k.product_id = u.product_id
        and k.location_id is not distinct from u.location_id
        and not v_snapshot.is_complete
    -- one that was deleted since has no stock to restore
    join public.products as p on p.id = u.product_id
    where v_snapshot.is_complete or k.snapshot_id is not null
    group by u.product_id, u.location_id;
end;
$$;
COMMENT ON FUNCTION stocksync._restore_differences(p_snapshot_id bigint, p_product_ids bigint[]) IS 'For each product that is still there, and location: the balance in the snapshot, and by how much it is more than the movements say, of which those are not counted that other restores have booked since. Nothing for a null snapshot.';
CREATE FUNCTION stocksync._reverse_batches(p_wants stocksync._want[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_changes stocksync._batch_change[];
begin
    with reversal as (
        select m.id, m.reverses_id, m.occurred_at, m.transaction_type, m.reference
        from unnest(p_wants) as w
        join public.stock_movements as m on m.id = w.movement_id
    ),
    consumed as (
        insert into public.batch_consumptions (
            movement_id, batch_id, quantity, of_movement_id, occurred_at, transaction_type,
            reference
        )
        select v.id, c.batch_id, -c.quantity, coalesce(c.of_movement_id, v.reverses_id),
            v.occurred_at, v.transaction_type, v.reference
        from reversal as v
        join public.batch_consumptions as c on c.movement_id = v.reverses_id
        join public.stock_batches as b on b.id = c.batch_id and b.status <> 'retired'
        returning batch_id, quantity
    ),
    received as (
        insert into public.batch_receipts
            (movement_id, batch_id, quantity, of_movement_id, occurred_at, transaction_type)
        select v.id, c.batch_id, -c.quantity, coalesce(c.of_movement_id, v.reverses_id),
            v.occurred_at, v.transaction_type
        from reversal as v
        join public.batch_receipts as c on c.movement_id = v.reverses_id
        join public.stock_batches as b on b.id = c.batch_id and b.status <> 'retired'
        returning batch_id, quantity
    )
    select array_agg(row(u.batch_id, u.received, u.remaining)::stocksync._batch_change)
    into v_changes
    from (
        select c.batch_id, 0::numeric as received, -c.quantity as remaining
        from consumed as c
        union all
        select c.batch_id, c.quantity, c.quantity
        from received as c
    ) as u;
    perform stocksync._change_batches(v_changes);
end;
$$;
COMMENT ON FUNCTION stocksync._reverse_batches(p_wants stocksync._want[]) IS 'Does what the originals of these reversals did in batches, the other way round. Raises SS001 where what came in has been taken since. The caller holds the locks on the products.';
CREATE FUNCTION stocksync._roll_up_differences(p_product_ids bigint[]) RETURNS SETOF stocksync._line
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select d.product_id, d.location_id, d.day, d.transaction_type,
        sum(d.quantity), sum(d.movements)::integer
    from (
        select m.product_id, m.location_id, m.day, m.transaction_type, m.quantity, m.movements
        from stocksync._turnovers as m
        where p_product_ids is null or m.product_id = any (p_product_ids)
        union all
        select t.product_id, t.location_id, t.day, t.transaction_type, -t.quantity, -t.movements
        from stocksync.stock_daily as t
        where p_product_ids is null or t.product_id = any (p_product_ids)
        union all
        select l.product_id, l.location_id, l.day, l.transaction_type, -l.quantity, -l.movements
        from stocksync._journal as j
        cross join unnest(j.lines) as l
        where p_product_ids is null or l.product_id = any (p_product_ids)
    ) as d
    group by 1, 2, 3, 4
    having sum(d.quantity) <> 0 or sum(d.movements) <> 0;
$$;
COMMENT ON FUNCTION stocksync._roll_up_differences(p_product_ids bigint[]) IS 'Ledger minus (stock_daily plus journal), where that is not nothing, for these products; null for all.';
CREATE FUNCTION stocksync._runs_still(p_job stocksync.jobs) RETURNS boolean
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    -- or the transaction would go on seeing the processes that it saw first
    select pg_stat_clear_snapshot();
    select case
        when a.pid is null or p_job.started_at < pg_postmaster_start_time() then false
        -- of other roles' sessions only some may see more
        when a.query_start is not null then a.state <> 'idle' and a.query_start <= p_job.started_at
    end
    from (values (true)) as v
    left join pg_stat_activity as a on a.pid = p_job.pid and a.datname = current_database();
$$;
COMMENT ON FUNCTION stocksync._runs_still(p_job stocksync.jobs) IS 'Whether the statement that runs this attempt of the job is still running; null if there is a process of its number and no right to see more.';
CREATE FUNCTION stocksync._settle() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_lines stocksync._line[] := '{}';
    v_more stocksync._line[];
    v_delta numeric;
    v_from bigint := 0;
    v_first_at timestamptz := new.first_at;
    v_more_first_at timestamptz;
    v_booked_ids bigint[];
    v_unbooked_ids bigint[];
    v_tracks_batches boolean := false;
    v_unmet stocksync._want[];
    v_short bigint[];
    v_product public.products;
    r record;
begin
    -- 1. What this transaction has captured and not yet settled.
    if tg_table_name = '_journal' then
        if new.is_settled then
            return null;
        end if;
        v_lines := new.lines;
        v_booked_ids := new.booked_ids;
        v_unbooked_ids := new.unbooked_ids;
        if current_setting('stocksync.captured', true) = 'one' and cardinality(v_lines) = 1 then
            v_delta := v_lines[1].quantity;
            update public.products as p
            set quantity_on_hand = trim_scale(p.quantity_on_hand + v_delta),
                total_stock = trim_scale(p.total_stock + v_delta)
            where p.id = v_lines[1].product_id
            returning * into v_product;
            if not found then
                perform stocksync._refuse_orphans(v_lines[1].product_id);
                return null;
            end if;
            if v_product.tracks_batches then
                v_unmet := stocksync._allocate(v_lines, v_booked_ids, v_unbooked_ids);
            end if;
            -- Not in the statement above: where that waited for the product, it would not see the
            -- count for which it waited.
            if exists (
                select from stocksync.counts as c
                where c.product_id = v_lines[1].product_id and c.counted_at >= v_first_at
            ) then
                perform stocksync._recheck_counts(array[v_lines[1].product_id], v_first_at);
                select * into v_product
                from public.products as p
                where p.id = v_lines[1].product_id;
            end if;
            if v_product.tracks_batches then
                if v_unmet is not null then
                    perform stocksync._consume_rest(v_unmet);
                end if;
            elsif v_delta < 0 and v_product.quantity_on_hand < 0 then
                perform stocksync._refuse_negative(v_product, v_delta);
            end if;
            return null;
        end if;
    else
        -- Another row's trigger may have taken this one along. Looking at this one alone keeps a
        -- transaction of many statements from reading all its dead rows once per statement.
        perform from stocksync._unsettled as u where u.xid = new.xid and u.id = new.id;
        if not found then
            return null;
        end if;
        -- Triggers fire in the order of their rows: what is left begins with this one.
        v_from := new.id;
    end if;
    with taken as (
        delete from stocksync._unsettled as u
        where u.xid = pg_current_xact_id() and u.id >= v_from
        returning u.lines, u.first_at, u.booked_ids, u.unbooked_ids
    ),
    summed as (
        select l.product_id, l.location_id, l.day, l.transaction_type,
            sum(l.quantity) as quantity, sum(l.movements)::integer as movements
        from taken as t
        cross join unnest(t.lines) as l
        group by 1, 2, 3, 4
    )
    select array_agg(row(
        s.product_id, s.location_id, s.day, s.transaction_type, s.quantity, s.movements
    )::stocksync._line),
        (select min(t.first_at) from taken as t),
        v_booked_ids || (
            select array_agg(i) from taken as t cross join unnest(t.booked_ids) as i
        ),
        v_unbooked_ids || (
            select array_agg(i) from taken as t cross join unnest(t.unbooked_ids) as i
        )
    into v_more, v_more_first_at, v_booked_ids, v_unbooked_ids
    from summed as s;
    if v_more is not null then
        v_first_at := least(v_first_at, v_more_first_at);
        insert into stocksync._journal (lines, is_settled, first_at)
        values (v_more, true, v_more_first_at);
        v_lines := v_lines || v_more;
    end if;
    -- 2. All products, locked in one order. FOR UPDATE would deadlock with the foreign key's share
    -- of the key.
    perform from public.products as p
    where p.id in (select l.product_id from unnest(v_lines) as l)
    order by p.id
    for no key update;
    -- 3. The stock.
    for r in
        with delta as (
            select l.product_id, sum(l.quantity) as quantity
            from unnest(v_lines) as l
            group by l.product_id
        ),
        changed as (
            update public.products as p
            set quantity_on_hand = trim_scale(p.quantity_on_hand + d.quantity),
                total_stock = trim_scale(p.total_stock + d.quantity)
            from delta as d
            where p.id = d.product_id
            returning p as product, p.id
        )
        select d.product_id, c.product
        from delta as d
        left join changed as c on c.id = d.product_id
        where c.id is null
            or (c.product).tracks_batches
            or (d.quantity < 0
                and (c.product).quantity_on_hand < 0
                and not coalesce(
                    (c.product).allow_negative,
                    (select s.allow_negative from stocksync.settings as s)
                ))
        order by d.product_id
    loop
        if r.product is null then
            perform stocksync._refuse_orphans(r.product_id);
        elsif (r.product).tracks_batches then
            v_tracks_batches := true;
        else
            v_short := v_short || r.product_id;
        end if;
    end loop;
    -- 4. The batches.
    if v_tracks_batches then
        v_unmet := stocksync._allocate(v_lines, v_booked_ids, v_unbooked_ids);
    end if;
    -- 5. Counts that these lines come before, now that nobody else can record one.
    if exists (
        select from stocksync.counts as c
        where c.counted_at >= v_first_at
            and c.product_id in (select l.product_id from unnest(v_lines) as l)
    ) then
        perform stocksync._recheck_counts(
            array(select distinct l.product_id from unnest(v_lines) as l), v_first_at
        );
    end if;
    -- 6. What is still short, with what was booked for these counts.
    if v_unmet is not null then
        perform stocksync._consume_rest(v_unmet);
    end if;
    if v_short is null then
        return null;
    end if;
    for r in
        select p as product, d.quantity
        from (
            select l.product_id, sum(l.quantity) as quantity
            from unnest(v_lines) as l
            where l.product_id in (select u from unnest(v_short) as u)
            group by l.product_id
        ) as d
        join public.products as p on p.id = d.product_id
        where p.quantity_on_hand < 0
        order by p.id
    loop
        perform stocksync._refuse_negative(r.product, r.quantity);
    end loop;
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync._settle() IS 'Applies to products what the transaction captured. Raises SS001 where negative stock is refused or batches have not enough, foreign_key_violation for movements of a product that is gone.';
CREATE FUNCTION stocksync._share_out(p_wants stocksync._portion[], p_haves stocksync._portion[]) RETURNS TABLE(want_id bigint, have_id bigint, quantity numeric)
    LANGUAGE plpgsql IMMUTABLE ROWS 10
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    -- An element of these is found at once, one of an array of rows is not.
    v_want_ids constant bigint[] := array(select w.id from unnest(p_wants) as w);
    v_want_places constant bigint[] := array(select w.place from unnest(p_wants) as w);
    v_have_ids constant bigint[] := array(select h.id from unnest(p_haves) as h);
    v_have_places constant bigint[] := array(select h.place from unnest(p_haves) as h);
begin
    return query
    select v_want_ids[s.want], v_have_ids[s.have], s.quantity
    from (
        select c.place,
            c.upto - case when lag(c.place) over cuts = c.place then lag(c.upto) over cuts else 0 end
                as quantity,
            -- how many have ended before, so which is the one that is under way
            1 + sum(c.is_want) over cuts - c.is_want as want,
            sum(1 - c.is_want) over cuts + c.is_want as have
        from (
            select w.place, 1 as is_want,
                sum(w.quantity) over (partition by w.place order by w.position) as upto
            from unnest(p_wants) with ordinality as w (place, id, quantity, position)
            union all
            select h.place, 0,
                sum(h.quantity) over (partition by h.place order by h.position)
            from unnest(p_haves) with ordinality as h (place, id, quantity, position)
        ) as c
        window cuts as (order by c.place, c.upto rows unbounded preceding)
    ) as s
    where s.quantity > 0 -- nothing between two that end together
        -- after the last one of a place comes one of another
        and v_want_places[s.want] = s.place
        and v_have_places[s.have] = s.place;
end;
$$;
COMMENT ON FUNCTION stocksync._share_out(p_wants stocksync._portion[], p_haves stocksync._portion[]) IS 'Matches what is wanted with what is there, place by place, both in the order of their arrays, which begin with the first place: so much of have_id goes to want_id. Quantities are above zero. What finds no counterpart is left out.';
CREATE FUNCTION stocksync._shop_day() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select (now() at time zone s.time_zone)::date from stocksync.settings as s;
$$;
COMMENT ON FUNCTION stocksync._shop_day() IS 'The day it is now in the time zone of stocksync.settings.';
CREATE FUNCTION stocksync._staged_sha256() RETURNS text
    LANGUAGE plpgsql STABLE
    SET "DateStyle" TO 'ISO'
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return (
        -- digests of digests, as one text of ten million movements is longer than a value can be
        select encode(sha256(string_agg(b.digest, '' order by b.block)), 'hex')
        from (
            select r.number / 10000 as block,
                sha256(string_agg(sha256(convert_to(r.content, 'UTF8')), '' order by r.number))
                    as digest
            from (
                select row_number() over (order by a.id) as number,
                    (a.id, a.product_id, a.location_id, a.movement_type, a.transaction_type,
                     a.quantity, a.occurred_at, a.recorded_at, a.unit_cost, a.reference,
                     a.idempotency_key, a.reverses_id, a.user_id, a.notes, a.metadata)::text
                    -- what was archived before there were batches stays as it is
                    || case
                        when num_nonnulls(a.batch_id, a.batch_number, a.expiry_date) > 0
                            then (a.batch_id, a.batch_number, a.expiry_date)::text
                        else ''
                    end as content
                from pg_temp.stocksync_archive as a
            ) as r
            group by 1
        ) as b
    );
end;
$$;
COMMENT ON FUNCTION stocksync._staged_sha256() IS 'SHA-256, in hexadecimal, over the movements in stocksync_archive in the order of their numbers; null if there are none.';
CREATE FUNCTION stocksync._start_closing(p_through date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_before constant timestamptz := stocksync._day_start(p_through + 1);
    v_closed timestamptz;
    v_closing stocksync.closings;
begin
    if p_through is null or not p_through < stocksync._shop_day() then
        raise exception 'the day % is not over', p_through
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the last day of the period: at the latest that of yesterday.';
    end if;
    -- One closing or reopening at a time.
    -- Not by a lock on the row of _closed: its next version would inherit it, and every insert above
    -- READ COMMITTED would have to take one too, see _capture().
    perform pg_advisory_xact_lock(stocksync._lock_key('closing'));
    select c.before into v_closed from stocksync._closed as c;
    select * into v_closing
    from stocksync.closings as c
    where c.reopened_at is null and (c.closed_at is null or c.closed_before = v_before)
    order by c.closed_at is not null
    limit 1;
    if v_closing.closed_through = p_through or v_closing.closed_before = v_before then
        return v_closing.id;
    elsif found then
        raise exception 'the closing through % has not ended', v_closing.closed_through
            using errcode = 'object_not_in_prerequisite_state',
                  detail = 'It waits for transactions that write movements, or it was killed.',
                  hint = format('End it with "stocksync close %s", or take it back with "stocksync close --reopen".',
                      v_closing.closed_through);
    elsif v_before <= v_closed then
        raise exception 'the books are closed through a later day than %', p_through
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'List the closings with "stocksync close --list"; take them back with "stocksync close --reopen".';
    end if;
    insert into stocksync.closings (closed_through, closed_before)
    values (p_through, v_before)
    returning * into v_closing;
    update stocksync._closed set before = v_before;
    perform stocksync._write_log(
        'info', 'closing started',
        p_context => jsonb_build_object('closing', v_closing.id, 'closed_through', p_through)
    );
    return v_closing.id;
end;
$$;
COMMENT ON FUNCTION stocksync._start_closing(p_through date) IS 'Refuses late movements from now on, and returns the number of the closing. Raises as stocksync.close_period() does.';
CREATE FUNCTION stocksync._start_refresh() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if not pg_try_advisory_xact_lock(stocksync._lock_key('refresh')) or exists (
        select
        from stocksync.runs as u
        join pg_stat_activity as a on a.pid = u.pid
        where u.command = 'refresh'
            and u.finished_at is null
            and u.pid <> pg_backend_pid()
            -- Another process may have the number of one that is dead: what lives has just
            -- committed a step.
            and abs(extract(epoch from clock_timestamp() - u.seen_at)) < 5
    ) then
        perform stocksync._write_log(
            'info', 'stock synchronization skipped: a refresh is running',
            p_context => jsonb_build_object('command', 'refresh')
        );
        return null;
    end if;
    return stocksync._start_run('refresh', null, null, null);
end;
$$;
COMMENT ON FUNCTION stocksync._start_refresh() IS 'Records the start of a refresh and returns its number; null if another one is running.';
CREATE FUNCTION stocksync._start_run(p_command text, p_product_id bigint, p_since timestamp with time zone, p_force boolean) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_run_id bigint;
begin
    perform stocksync.check_scope(p_product_id, p_since);
    insert into stocksync.runs (command, options, pid, seen_at)
    values (
        p_command,
        jsonb_strip_nulls(jsonb_build_object(
            'product_id', p_product_id, 'since', p_since, 'force', p_force
        )),
        pg_backend_pid(),
        clock_timestamp()
    )
    returning id into v_run_id;
    perform stocksync._write_log(
        'info',
        case p_command when 'expire' then 'expiry started' else 'stock synchronization started' end,
        p_product_id,
        (select u.options from stocksync.runs as u where u.id = v_run_id)
            || jsonb_build_object('run', v_run_id, 'command', p_command)
    );
    return v_run_id;
end;
$$;
COMMENT ON FUNCTION stocksync._start_run(p_command text, p_product_id bigint, p_since timestamp with time zone, p_force boolean) IS 'Records the start of a run and returns its number. Raises as stocksync.check_scope() does.';
CREATE FUNCTION stocksync._stock_at(p_product_ids bigint[], p_at timestamp with time zone, p_known_at timestamp with time zone) RETURNS TABLE(product_id bigint, location_id bigint, quantity numeric)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_custom_plan'
    SET jit TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    -- Times are of microseconds: everything before this one.
    v_end constant timestamptz := case
        when isfinite(p_at) then p_at + interval '1 microsecond'
        else coalesce(p_at, 'infinity')
    end;
    v_before constant timestamptz := least(v_end, case
        when isfinite(p_known_at) then p_known_at + interval '1 microsecond'
        else p_known_at
    end);
    v_day date := 'infinity';
    v_first_day date;
    v_from_day date;
    v_from timestamptz := '-infinity';
    v_snapshot_id bigint;
    v_known_from timestamptz;
begin
    if v_before = '-infinity' then
        return;
    end if;
    -- 1. The days that are over before it.
    if isfinite(v_before) then
        v_day := stocksync._first_open_day(v_before, v_zone);
    end if;
    -- 2. From where to count: the last closing, or else the beginning.
    select c.snapshot_id, c.closed_before into v_snapshot_id, v_from
    from stocksync.closings as c
    where c.closed_at is not null and c.reopened_at is null and c.closed_before <= v_before
    order by c.closed_before desc
    limit 1;
    -- ... and the days that are whole since. The day before may come once more here too.
    if found then
        v_from_day := stocksync._first_open_day(v_from, v_zone);
        select max(((v_from - interval '1 microsecond' - w.step * interval '15 minutes')
            at time zone v_zone)::date) + 1
        into v_first_day
        from generate_series(0, 8) as w (step);
    else
        v_from := '-infinity';
        v_first_day := '-infinity';
    end if;
    -- ... or backwards from now, if that is nearer.
    if v_before = 'infinity'
        or stocksync._shop_day() - v_day <= v_day - coalesce(
            nullif(v_first_day, '-infinity'),
            (select min(d.day) from stocksync.stock_daily as d),
            v_day
        )
    then
        v_snapshot_id := null;
        v_from := null;
        v_first_day := null;
        v_from_day := null;
    end if;
    -- 3. What is not a whole day must be there as movements.
    perform stocksync._check_archives(
        p_known_at, v_from, v_from_day, v_first_day, v_before, v_day
    );
    -- 4. What cannot have changed since p_known_at, as it was closed by then.
    v_known_from := coalesce(
        (
            select max(c.closed_before)
            from stocksync.closings as c
            where c.closed_at <= p_known_at and c.reopened_at is null
        ),
        '-infinity'
    );
    return query
    select u.product_id, u.location_id, trim_scale(sum(u.quantity))
    from (
        select b.product_id, b.location_id, b.quantity
        from stocksync.snapshot_balances as b
        where b.snapshot_id = v_snapshot_id
            and (p_product_ids is null or b.product_id = any (p_product_ids))
        union all
        -- backwards: all there is, less the days since
        select t.product_id, t.location_id, t.quantity
        from stocksync.stock_total as t
        where v_from is null
            and (p_product_ids is null or t.product_id = any (p_product_ids))
        union all
        select d.product_id, d.location_id, -d.quantity
        from stocksync.stock_daily as d
        where v_from is null
            and d.day >= v_day
            and (p_product_ids is null or d.product_id = any (p_product_ids))
        union all
        -- forwards: the days between
        select d.product_id, d.location_id, d.quantity
        from stocksync.stock_daily as d
        where v_from is not null
            and d.day >= v_first_day
            and d.day < v_day
            and (p_product_ids is null or d.product_id = any (p_product_ids))
        union all
        select l.product_id, l.location_id, l.quantity
        from stocksync._journal as j
        cross join unnest(j.lines) as l
        where l.day < v_day
            and (v_from is null or l.day >= v_first_day)
            and (p_product_ids is null or l.product_id = any (p_product_ids))
        union all
        -- the rest of the first day, where the zone has changed since the closing, or clocks go back
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= v_from
            and m.occurred_at < least(v_before, (v_first_day + 1)::timestamp at time zone v_zone)
            and (m.occurred_at at time zone v_zone)::date < least(v_first_day, v_day)
            and v_from_day < v_first_day
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- the beginning of the last day
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= greatest(
                v_from, (v_day::timestamp at time zone v_zone) - interval '2 hours'
            )
            and m.occurred_at < v_before
            and (m.occurred_at at time zone v_zone)::date >= v_day
            and isfinite(v_day)
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- what had been recorded of later times
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then m.quantity else -m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= v_before
            and m.occurred_at < v_end
            and m.occurred_at > m.recorded_at
            and m.recorded_at <= p_known_at
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- less what was recorded since: within a day
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then -m.quantity else m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= greatest(v_known_from, p_known_at - interval '24 hours')
            and m.occurred_at < v_before
            and m.recorded_at > p_known_at
            and not m.recorded_at - m.occurred_at > interval '1 day'
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- ... and late
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then -m.quantity else m.quantity end
        from public.stock_movements as m
        where m.occurred_at >= v_known_from
            and m.occurred_at < v_before
            and m.recorded_at > p_known_at
            and m.recorded_at - m.occurred_at > interval '1 day'
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        -- ... and what was changed since, for what it was
        select m.product_id, m.location_id,
            case m.movement_type when 'in' then -m.quantity else m.quantity end
        from (
            select distinct h.movement_id
            from stocksync.movement_history as h
            where h.replaced_at > p_known_at and h.operation <> 'late'
        ) as r
        join public.stock_movements as m on m.id = r.movement_id
        where m.recorded_at <= p_known_at
            and m.occurred_at < v_end
            and (p_product_ids is null or m.product_id = any (p_product_ids))
        union all
        select f.product_id, f.location_id,
            case f.movement_type when 'in' then f.quantity else -f.quantity end
        from (
            select distinct on (h.movement_id)
                h.product_id, h.location_id, h.movement_type, h.quantity, h.occurred_at,
                h.recorded_at
            from stocksync.movement_history as h
            where h.replaced_at > p_known_at and h.operation <> 'late'
            order by h.movement_id, h.replaced_at, h.id
        ) as f
        where f.recorded_at <= p_known_at
            and f.occurred_at < v_end
            and (p_product_ids is null or f.product_id = any (p_product_ids))
    ) as u
    group by u.product_id, u.location_id
    having sum(u.quantity) <> 0;
end;
$$;
COMMENT ON FUNCTION stocksync._stock_at(p_product_ids bigint[], p_at timestamp with time zone, p_known_at timestamp with time zone) IS 'The stock of these products (null: all) at each location, where it is not zero: of the movements that occurred until p_at (null: all), as recorded until p_known_at (null: now), both inclusive. In a transaction that has written movements, call it after "set constraints all immediate". Raises SS006 where it needs movements that are archived.';
CREATE FUNCTION stocksync._stock_at_moments(p_product_ids bigint[], p_location_ids bigint[], p_ats timestamp with time zone[]) RETURNS numeric[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET plan_cache_mode TO 'force_custom_plan'
    SET jit TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_first_at timestamptz;
    v_product_ids bigint[];
begin
    select min(a.at), array_agg(distinct a.product_id) into v_first_at, v_product_ids
    from unnest(p_product_ids, p_ats) as a (product_id, at);
    if v_product_ids is null then
        return '{}'; -- below, null would be all of them
    end if;
    return (
        with change as (
            select s.product_id, s.location_id, v_first_at as at, s.quantity,
                null::bigint as position
            from stocksync._stock_at(v_product_ids, v_first_at, null) as s
            union all
            select m.product_id, m.location_id, m.occurred_at,
                case m.movement_type when 'in' then m.quantity else -m.quantity end, null
            from (
                select a.product_id, max(a.at) as last_at
                from unnest(p_product_ids, p_ats) as a (product_id, at)
                group by a.product_id
            ) as l
            join public.stock_movements as m
                on m.product_id = l.product_id
                and m.occurred_at > v_first_at
                and m.occurred_at <= l.last_at
            union all
            select a.product_id, a.location_id, a.at, 0, a.position
            from unnest(p_product_ids, p_location_ids, p_ats)
                with ordinality as a (product_id, location_id, at, position)
        ),
        moment as (
            -- what is of the same moment is among it
            select c.position,
                sum(c.quantity) over (
                    partition by c.product_id, c.location_id order by c.at
                ) as quantity
            from change as c
        )
        select array_agg(trim_scale(o.quantity) order by o.position)
        from moment as o
        where o.position is not null
    );
end;
$$;
COMMENT ON FUNCTION stocksync._stock_at_moments(p_product_ids bigint[], p_location_ids bigint[], p_ats timestamp with time zone[]) IS 'The stock of each product at its location (null: the unnamed place) at its moment, inclusive: three arrays side by side, and a fourth. In a transaction that has written movements, call it after they have settled.';
CREATE FUNCTION stocksync._store_snapshot(p_at timestamp with time zone, p_known_at timestamp with time zone, p_note text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_snapshot_id bigint;
begin
    insert into stocksync.snapshots (at, known_at, note)
    values (p_at, p_known_at, p_note)
    returning id into v_snapshot_id;
    insert into stocksync.snapshot_balances (snapshot_id, product_id, location_id, quantity)
    select v_snapshot_id, s.product_id, s.location_id, s.quantity
    from stocksync._stock_at(null, p_at, p_known_at) as s;
    perform stocksync._write_log(
        'info', 'snapshot taken',
        p_context => jsonb_build_object('snapshot', v_snapshot_id, 'at', p_at, 'note', p_note)
    );
    return v_snapshot_id;
end;
$$;
COMMENT ON FUNCTION stocksync._store_snapshot(p_at timestamp with time zone, p_known_at timestamp with time zone, p_note text) IS 'Stores the stock as of p_at, as known at p_known_at, and returns the number of the snapshot.';
CREATE FUNCTION stocksync._suspects() RETURNS SETOF bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select p.id
    from public.products as p
    -- One row per product at most: nothing to sum for a shop with one place.
    left join stocksync.stock_total as t on t.product_id = p.id and t.location_id is null
    left join (
        select u.product_id, sum(u.quantity) as quantity
        from (
            select l.product_id, l.quantity
            from stocksync.stock_total as l
            where l.location_id is not null
            union all
            select l.product_id, l.quantity
            from stocksync._journal as j
            cross join unnest(j.lines) as l
            union all
            select q.product_id, -q.quantity
            from stocksync._pending as q
        ) as u
        group by u.product_id
    ) as r on r.product_id = p.id
    where p.quantity_on_hand <> coalesce(t.quantity + r.quantity, t.quantity, r.quantity, 0)
        or p.total_stock <> p.quantity_on_hand;
$$;
COMMENT ON FUNCTION stocksync._suspects() IS 'The products whose quantity_on_hand plus pending, or total_stock plus pending, is not stock_total plus journal.';
CREATE FUNCTION stocksync._take_back(p_movement_ids bigint[]) RETURNS stocksync._batch_change[]
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with consumed as (
        delete from public.batch_consumptions as c
        using public.stock_batches as b
        where c.movement_id = any (p_movement_ids) and b.id = c.batch_id and b.status <> 'retired'
        returning c.batch_id, c.quantity
    ),
    received as (
        delete from public.batch_receipts as c
        using public.stock_batches as b
        where c.movement_id = any (p_movement_ids) and b.id = c.batch_id and b.status <> 'retired'
        returning c.batch_id, c.quantity
    )
    select array_agg(row(u.batch_id, u.received, u.remaining)::stocksync._batch_change)
    from (
        select c.batch_id, 0::numeric as received, c.quantity as remaining
        from consumed as c
        union all
        select c.batch_id, -c.quantity, -c.quantity
        from received as c
    ) as u;
$$;
COMMENT ON FUNCTION stocksync._take_back(p_movement_ids bigint[]) IS 'Removes the receipts and consumptions of these movements and returns by how much their batches have to change; null for none. The caller holds the locks on the products.';
CREATE FUNCTION stocksync._take_job(p_worker text) RETURNS SETOF stocksync.jobs
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    update stocksync.jobs as j
    set state = 'running',
        attempts = j.attempts + 1,
        started_at = clock_timestamp(),
        seen_at = clock_timestamp(),
        worker = coalesce(p_worker, format('%s, process %s', session_user, pg_backend_pid())),
        pid = pg_backend_pid()
    where j.id = (
        select q.id
        from stocksync.jobs as q
        where q.state = 'queued'
            and q.run_at <= now()
            and not exists (
                select
                from stocksync.jobs as r
                where r.state = 'running' and r.subject = q.subject
            )
        order by q.run_at, q.id
        limit 1
        for update of q skip locked
    )
    returning j.*;
$$;
COMMENT ON FUNCTION stocksync._take_job(p_worker text) IS 'Marks the next due job as running in this session and returns it; no row if none is due.';
CREATE FUNCTION stocksync._tidy() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_settings stocksync.settings;
    v_log bigint;
    v_runs bigint;
    v_jobs bigint;
    v_alerts bigint;
begin
    select * into v_settings from stocksync.settings;
    delete from stocksync.log as g where g.logged_at < now() - v_settings.keep_log;
    get diagnostics v_log = row_count;
    delete from stocksync.jobs as j where j.finished_at < now() - v_settings.keep_jobs;
    get diagnostics v_jobs = row_count;
    delete from stocksync.alerts as a where a.resolved_at < now() - v_settings.keep_log;
    get diagnostics v_alerts = row_count;
    delete from stocksync.runs as u
    where u.started_at < now() - v_settings.keep_log
        and isempty(u.movement_ids)
        and not exists (select from stocksync.incidents as i where i.run_id = u.id);
    get diagnostics v_runs = row_count;
    return jsonb_build_object(
        'log', v_log, 'jobs', v_jobs, 'alerts', v_alerts, 'runs', v_runs
    );
end;
$$;
COMMENT ON FUNCTION stocksync._tidy() IS 'Deletes log entries, resolved alerts and runs that changed no stock (settings.keep_log), and jobs that have ended (settings.keep_jobs); returns how many of each.';
CREATE FUNCTION stocksync._undo_corrections(p_run_id bigint) RETURNS TABLE(incident_id bigint, product_id bigint, class text, before numeric, after numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select i.id, i.product_id, i.class, i.after, i.before
    from stocksync.incidents as i
    where i.run_id = p_run_id
        and i.class in ('quantity_on_hand', 'total_stock')
        and abs(i.before) < 'Infinity';
$$;
COMMENT ON FUNCTION stocksync._undo_corrections(p_run_id bigint) IS 'The opposite of each correction of stored quantities that a run made, where it corrected a number.';
CREATE FUNCTION stocksync._undo_movements(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) RETURNS TABLE(movement public.stock_movements, left_out text, is_asked boolean)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_custom_plan'
    SET jit TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return query
    with asked as (
        select m.id
        from stocksync.runs as u
        cross join unnest(u.movement_ids) as i
        join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
        where u.id = p_run_id
        union all
        select m.id
        from public.stock_movements as m
        where m.recorded_at >= p_since
            and (p_type is null or m.transaction_type = p_type)
            and (p_reference is null or m.reference = p_reference)
    ),
    counted as (
        select k.count_id
        from asked as a
        join stocksync.count_corrections as k on k.movement_id = a.id
        union
        select c.id from stocksync.counts as c where c.run_id = p_run_id
    )
    select m,
        case
            when m.reverses_id is not null then 'reversal'
            when exists (
                select from public.stock_movements as r where r.reverses_id = m.id
            ) then 'reversed'
        end,
        f.is_asked
    from (
        select a.id, true as is_asked
        from asked as a
        union all
        select k.movement_id, false
        from counted as c
        join stocksync.count_corrections as k on k.count_id = c.count_id
        where k.movement_id not in (select a.id from asked as a)
    ) as f
    join public.stock_movements as m on m.id = f.id;
end;
$$;
COMMENT ON FUNCTION stocksync._undo_movements(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) IS 'The movements that are there of those that the run booked, or that were recorded since then (of this type and reference; null: any); left_out is null for those that an undo reverses, "reversal" and "reversed" for those that it leaves as they are. is_asked is false for those that come along with a count. One of p_run_id and p_since is null.';
CREATE FUNCTION stocksync._value_by_average(p_at timestamp with time zone, p_product_ids bigint[]) RETURNS TABLE(product_id bigint, kind text, quantity numeric, cost numeric, without_cost numeric)
    LANGUAGE plpgsql STABLE
    SET jit TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    c_kinds constant text[] := array['in', 'sale', 'other', 'transfer'];
    v_quantity numeric[];
    v_cost numeric[];
    v_without numeric[];
    -- what is there: units, their value, and how many of them have no cost
    v_units numeric;
    v_value numeric;
    v_costless numeric;
    -- the same when there was something last
    v_last_units numeric;
    v_last_value numeric;
    v_last_costless numeric;
    -- gone out and not yet come in, by the date
    v_short numeric[];
    v_back numeric;
    v_share numeric;
    v_share_costless numeric;
    v_kind integer;
    r record;
begin
    for r in
        with event as materialized (
            select v.* from stocksync._value_events(p_at, p_product_ids) as v
        )
        select e.*,
            e.product_id is distinct from lag(e.product_id) over line as is_first,
            e.product_id is distinct from lead(e.product_id) over line as is_last
        from (
            select v.product_id, array_position(c_kinds, v.kind) as kind, v.quantity, v.cost_price,
                row_number() over (
                    order by v.product_id, v.kind = 'transfer', v.occurred_at,
                        case when v.kind = 'in' then 1 when v.quantity > 0 then 2 else 3 end,
                        v.movement_id nulls first, v.batch_id,
                        -- each step rounds, and a return may be of several sales
                        v.quantity
                ) as position
            from (
                select o.* from event as o where o.kind <> 'transfer'
                union all
                -- at once, as each step rounds: what is on its way comes last
                select t.product_id, t.kind, sum(t.quantity), null, max(t.occurred_at), null, null
                from event as t
                where t.kind = 'transfer'
                group by t.product_id, t.kind
                having sum(t.quantity) <> 0
            ) as v
        ) as e
        window line as (order by e.position)
        order by e.position
    loop
        if r.is_first then
            v_quantity := '{0,0,0,0}';
            v_cost := '{0,0,0,0}';
            v_without := '{0,0,0,0}';
            v_short := '{0,0,0,0}';
            v_units := 0;
            v_value := 0;
            v_costless := 0;
            v_last_units := 0;
        end if;
        v_kind := r.kind;
        v_quantity[v_kind] := v_quantity[v_kind] + r.quantity;
        if v_kind = 1 then
            v_units := v_units + r.quantity;
            if r.cost_price is null then
                v_costless := v_costless + r.quantity;
                v_without[1] := v_without[1] + r.quantity;
            else
                v_value := v_value + r.quantity * r.cost_price;
                v_cost[1] := v_cost[1] + r.quantity * r.cost_price;
            end if;
        elsif r.quantity > 0 then
            v_short[v_kind] := v_short[v_kind] + r.quantity;
        else
            v_back := least(-r.quantity, v_short[v_kind]);
            v_short[v_kind] := v_short[v_kind] - v_back;
            v_back := -r.quantity - v_back;
            if v_back > 0 then
                if v_units > 0 then
                    v_last_units := v_units;
                    v_last_value := v_value;
                    v_last_costless := v_costless;
                end if;
                if v_last_units > 0 then
                    v_share := div(2000000 * v_last_value * v_back + v_last_units, 2 * v_last_units)
                        * 0.000001;
                    v_share_costless :=
                        div(2000000 * v_last_costless * v_back + v_last_units, 2 * v_last_units)
                        * 0.000001;
                else
                    v_share := 0;
                    v_share_costless := v_back;
                end if;
                v_units := v_units + v_back;
                v_value := v_value + v_share;
                v_costless := v_costless + v_share_costless;
                v_cost[v_kind] := v_cost[v_kind] - v_share;
                v_without[v_kind] := v_without[v_kind] - v_share_costless;
            end if;
        end if;
        -- What is to go out, as far as it is there.
        for v_kind in 2 .. 4 loop
            continue when v_short[v_kind] = 0 or v_units = 0;
            v_last_units := v_units;
            v_last_value := v_value;
            v_last_costless := v_costless;
            if v_short[v_kind] >= v_units then
                v_short[v_kind] := v_short[v_kind] - v_units;
                v_share := v_value;
                v_share_costless := v_costless;
                v_units := 0;
            else
                -- a cost may have more decimals than are rounded to
                v_share := least(
                    v_value,
                    div(2000000 * v_value * v_short[v_kind] + v_units, 2 * v_units) * 0.000001
                );
                v_share_costless :=
                    div(2000000 * v_costless * v_short[v_kind] + v_units, 2 * v_units) * 0.000001;
                v_units := v_units - v_short[v_kind];
                v_short[v_kind] := 0;
            end if;
            v_value := v_value - v_share;
            v_costless := v_costless - v_share_costless;
            v_cost[v_kind] := v_cost[v_kind] + v_share;
            v_without[v_kind] := v_without[v_kind] + v_share_costless;
        end loop;
        if r.is_last then
            product_id := r.product_id;
            for v_kind in 1 .. 4 loop
                kind := c_kinds[v_kind];
                quantity := v_quantity[v_kind];
                cost := v_cost[v_kind];
                without_cost := v_without[v_kind] + v_short[v_kind];
                return next;
            end loop;
        end if;
    end loop;
end;
$$;
COMMENT ON FUNCTION stocksync._value_by_average(p_at timestamp with time zone, p_product_ids bigint[]) IS 'What came in, was sold, is on its way and went out otherwise until a time, at the average cost of its moment; without_cost: units of unknown cost, which go out in the share that they are of what is there.';
CREATE FUNCTION stocksync._value_by_batch(p_at timestamp with time zone, p_product_ids bigint[]) RETURNS TABLE(product_id bigint, kind text, quantity numeric, cost numeric, without_cost numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select e.product_id, e.kind, sum(e.quantity), coalesce(sum(e.quantity * e.cost_price), 0),
        coalesce(sum(e.quantity) filter (where e.cost_price is null), 0)
    from stocksync._value_events(p_at, p_product_ids) as e
    group by e.product_id, e.kind;
$$;
COMMENT ON FUNCTION stocksync._value_by_batch(p_at timestamp with time zone, p_product_ids bigint[]) IS 'What came in, was sold, is on its way and went out otherwise until a time, at the cost of the batches; without_cost: units of unknown cost.';
CREATE FUNCTION stocksync._value_by_fifo(p_at timestamp with time zone, p_product_ids bigint[]) RETURNS TABLE(product_id bigint, kind text, quantity numeric, cost numeric, without_cost numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with event as materialized (
        select e.* from stocksync._value_events(p_at, p_product_ids) as e
    ),
    layer as materialized (
        select e.product_id, e.quantity, e.cost_price,
            sum(e.quantity) over line as upto,
            sum(e.quantity * coalesce(e.cost_price, 0)) over line as cost,
            sum(case when e.cost_price is null then e.quantity else 0 end) over line as without_cost
        from event as e
        where e.kind = 'in'
        window line as (
            partition by e.product_id order by e.occurred_at, e.movement_id nulls first, e.batch_id
        )
    ),
    gone as (
        select e.product_id, e.kind, e.quantity, e.position,
            sum(e.quantity) over (partition by e.product_id order by e.position) as upto
        from (
            select g.product_id, g.kind, g.quantity,
                row_number() over (
                    partition by g.product_id
                    -- what is on its way comes before what is there and after all that is gone
                    order by g.kind = 'transfer', g.occurred_at, g.quantity desc, g.movement_id,
                        g.batch_id
                ) as position
            from event as g
            where g.kind <> 'in'
        ) as e
    ),
    merged as (
        select l.product_id, null::text as kind, null::numeric as quantity,
            null::bigint as position, l.upto, l.quantity as units, l.cost_price, l.cost,
            l.without_cost,
            l.upto as ends_at
        from layer as l
        union all
        select g.product_id, g.kind, g.quantity, g.position, g.upto, null, null, null, null, null
        from gone as g
    ),
    numbered as (
        select m.*,
            count(m.units) over (
                partition by m.product_id
                order by m.upto desc, m.units nulls last
            ) as number
        from merged as m
    ),
    found as (
        select n.product_id, n.kind, n.quantity, n.position, n.upto, n.number,
            max(n.ends_at) over within as ends_at,
            max(n.cost_price) over within as cost_price,
            max(n.cost) over within as cost,
            max(n.without_cost) over within as without_cost
        from numbered as n
        window within as (partition by n.product_id, n.number)
    ),
    point as (
        select f.product_id, f.kind, f.quantity, f.position,
            case
                when f.number = 0 then coalesce(t.cost, 0)
                else f.cost - (f.ends_at - f.upto) * coalesce(f.cost_price, 0)
            end as cost,
            case
                -- gone out before it came in, by the date
                when f.number = 0 then coalesce(t.without_cost - t.upto, 0) + f.upto
                when f.cost_price is null then f.without_cost - (f.ends_at - f.upto)
                else f.without_cost
            end as without_cost
        from found as f
        left join (
            select distinct on (l.product_id) l.product_id, l.upto, l.cost, l.without_cost
            from layer as l
            order by l.product_id, l.upto desc
        ) as t on t.product_id = f.product_id and f.number = 0
        where f.position is not null
    ),
    costed as (
        select p.product_id, p.kind, p.quantity,
            p.cost - lag(p.cost, 1, 0::numeric) over line as cost,
            p.without_cost - lag(p.without_cost, 1, 0::numeric) over line as without_cost
        from point as p
        window line as (partition by p.product_id order by p.position)
        union all
        select l.product_id, 'in', l.quantity, l.quantity * coalesce(l.cost_price, 0),
            case when l.cost_price is null then l.quantity else 0 end
        from layer as l
    )
    select c.product_id, c.kind, sum(c.quantity), sum(c.cost), sum(c.without_cost)
    from costed as c
    group by c.product_id, c.kind;
$$;
COMMENT ON FUNCTION stocksync._value_by_fifo(p_at timestamp with time zone, p_product_ids bigint[]) IS 'What came in, was sold, is on its way and went out otherwise until a time, at the cost of what came in first; without_cost: units of unknown cost.';
CREATE FUNCTION stocksync._value_events(p_at timestamp with time zone, p_product_ids bigint[]) RETURNS TABLE(product_id bigint, kind text, quantity numeric, cost_price numeric, occurred_at timestamp with time zone, movement_id bigint, batch_id bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with received as (
        select b.product_id, b.cost_price, r.batch_id, r.movement_id, r.of_movement_id, r.quantity,
            r.occurred_at,
            case
                when y.counts_as in ('sale', 'transfer') then y.counts_as
                when y.brings_back is not null then 'other'
                else 'in'
            end as kind
        from public.batch_receipts as r
        join public.stock_batches as b on b.id = r.batch_id and b.status <> 'retired'
        join public.products as p on p.id = b.product_id and p.tracks_batches
        left join public.transaction_types as y on y.name = r.transaction_type
        where r.occurred_at <= p_at
            and (p_product_ids is null or b.product_id = any (p_product_ids))
    ),
    receipt as (
        -- One that was taken back counts, from then on, as if it had never been.
        select r.product_id, r.kind, r.cost_price, sum(r.quantity) as quantity,
            min(r.occurred_at) as occurred_at, k.movement_id, r.batch_id
        from received as r
        cross join lateral (
            select case
                when r.kind = 'in' and r.quantity < 0 then coalesce(r.of_movement_id, r.movement_id)
                else r.movement_id
            end as movement_id
        ) as k
        group by r.product_id, r.kind, r.cost_price, k.movement_id, r.batch_id
    ),
    gone as (
        select b.product_id,
            case
                when y.counts_as in ('sale', 'transfer') then y.counts_as else 'other'
            end as kind,
            c.quantity, b.cost_price, c.occurred_at, c.movement_id, c.batch_id
        from public.batch_consumptions as c
        join public.stock_batches as b on b.id = c.batch_id and b.status <> 'retired'
        join public.products as p on p.id = b.product_id and p.tracks_batches
        left join public.transaction_types as y on y.name = c.transaction_type
        where c.occurred_at <= p_at
            and (p_product_ids is null or b.product_id = any (p_product_ids))
        union all
        select r.product_id, case r.kind when 'in' then 'other' else r.kind end, -r.quantity,
            r.cost_price, r.occurred_at, r.movement_id, r.batch_id
        from receipt as r
        -- what is taken back before it comes in has gone
        where r.kind <> 'in' or r.quantity < 0
    ),
    running as (
        select g.*,
            sum(g.quantity) over (
                partition by g.product_id, g.kind = 'transfer'
                order by g.occurred_at, g.quantity desc, g.movement_id, g.batch_id
            ) as gone
        from gone as g
    ),
    lowest as (
        select r.*,
            least(0, min(r.gone) over (
                partition by r.product_id, r.kind = 'transfer'
                order by r.occurred_at, r.quantity desc, r.movement_id, r.batch_id
            )) as lowest
        from running as r
    ),
    excess as (
        select l.*,
            lag(l.lowest, 1, 0::numeric) over (
                partition by l.product_id, l.kind = 'transfer'
                order by l.occurred_at, l.quantity desc, l.movement_id, l.batch_id
            ) - l.lowest as excess
        from lowest as l
    )
    select r.product_id, r.kind, r.quantity, r.cost_price, r.occurred_at, r.movement_id, r.batch_id
    from receipt as r
    where r.kind = 'in' and r.quantity > 0
    union all
    select e.product_id, 'in', e.excess, e.cost_price, e.occurred_at, e.movement_id, e.batch_id
    from excess as e
    where e.excess > 0
    union all
    select e.product_id, e.kind, e.quantity + e.excess, e.cost_price, e.occurred_at, e.movement_id,
        e.batch_id
    from excess as e
    where e.quantity + e.excess <> 0;
$$;
COMMENT ON FUNCTION stocksync._value_events(p_at timestamp with time zone, p_product_ids bigint[]) IS 'Until a time, of these products (null: all) that track batches: what came in (kind "in"), what was sold ("sale"), what went to other places of the shop ("transfer") and what else went out ("other"); of these three, what came back is below zero. Of all of a product that are no transfer, and of the transfers, never more has come back than had gone out.';
CREATE FUNCTION stocksync._view_input(p_is_past boolean) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select md5(concat_ws(
        ' ',
        case when p_is_past then v.past_version else v.version end,
        s.time_zone,
        s.report_days,
        -- a window of days moves on at midnight
        stocksync._shop_day(),
        case when not p_is_past then (
            select concat_ws(' ', count(*), bit_xor(
                hashint8extended(p.id, coalesce(hash_numeric_extended(p.unit_cost, 1), 0))
            ))
            from public.products as p
        ) end,
        (
            select string_agg(
                format('%L %L %L', t.name, t.movement_type, t.counts_as), ' ' order by t.name
            )
            from public.transaction_types as t
        )
    ))
    from stocksync.settings as s
    cross join stocksync._roll_up_version as v;
$$;
COMMENT ON FUNCTION stocksync._view_input(p_is_past boolean) IS 'Changes when the roll-up (p_is_past: of the days before today), the day, the settings of the reports, a type, or (unless p_is_past) a product or its cost does.';
CREATE PROCEDURE stocksync._wait_for_writers()
    LANGUAGE plpgsql
    AS $$
declare
    v_writers text[];
begin
    -- Twice, as a writer may have been prepared for a two-phase commit meanwhile: its locks are then
    -- another holder's.
    for i in 1 .. 2 loop
        v_writers := stocksync._writers(p_are_prepared => i = 2);
        while v_writers && stocksync._writers() loop
            commit and chain;
            perform pg_catalog.pg_sleep(0.02);
        end loop;
    end loop;
    commit and chain;
end;
$$;
COMMENT ON PROCEDURE stocksync._wait_for_writers() IS 'Returns when every transaction that had written movements has ended; commits meanwhile.';
CREATE FUNCTION stocksync._write_log(p_level text, p_message text, p_product_id bigint DEFAULT NULL::bigint, p_context jsonb DEFAULT '{}'::jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    insert into stocksync.log (level, message, product_id, context)
    values (p_level, p_message, p_product_id, p_context);
$$;
COMMENT ON FUNCTION stocksync._write_log(p_level text, p_message text, p_product_id bigint, p_context jsonb) IS 'Writes one event to stocksync.log as the session user.';
CREATE FUNCTION stocksync._writers(p_are_prepared boolean DEFAULT NULL::boolean) RETURNS text[]
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;
COMMENT ON FUNCTION stocksync._writers(p_are_prepared boolean) IS 'The transactions that have written movements and not ended, by their virtual numbers: all, or only those that are, or are not, prepared for a two-phase commit.';
CREATE FUNCTION stocksync.alert_conditions(p_at timestamp with time zone DEFAULT clock_timestamp()) RETURNS TABLE(rule text, subject text, occurrence text, level text, message text, context jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with last_run as (
        -- Of each command the last run that looked at everything, or found something.
        select r.*,
            not r.options ?| '{product_id,since}' as is_whole,
            -- an audit corrects nothing
            case r.command when 'audit' then r.products_found else r.products_failed end as wrong
        from (values ('refresh'), ('sync'), ('audit')) as c (command)
        cross join lateral (
            select u.*
            from stocksync.runs as u
            where u.command = c.command
                and u.finished_at is not null
                and (
                    not u.options ?| '{product_id,since}'
                    or u.products_corrected > 0
                    or u.products_failed > 0
                )
            order by u.started_at desc
            limit 1
        ) as r
    )
    select c.rule, c.subject, c.occurrence, c.level, c.message, c.context
    from (
        select
            'discrepancies_found' as rule,
            r.command as subject,
            -- Each correction is news; what stays wrong from run to run is one incident.
            case when r.products_corrected > 0 then r.id::text else '' end as occurrence,
            case when r.wrong > 0 then 'error' else 'warning' end as level,
            format(
                '%s %s %s',
                r.command,
                r.id,
                concat_ws(
                    ' and ',
                    case when r.products_corrected > 0 then format(
                        'corrected the stock of %s',
                        case r.products_corrected
                            when 1 then '1 product' else r.products_corrected || ' products'
                        end
                    ) end,
                    case when r.wrong > 0 then format(
                        case r.command
                            when 'audit' then 'found %s not as the movements say'
                            else 'could not correct %s'
                        end,
                        case r.wrong when 1 then '1 product' else r.wrong || ' products' end
                    ) end
                )
            ) || coalesce(': ' || n.skus, '') as message,
            jsonb_build_object(
                'run', r.id,
                'products_found', r.products_found,
                'products_corrected', r.products_corrected,
                'products_failed', r.products_failed
            ) as context
        from last_run as r
        cross join lateral (
            select string_agg(
                case when f.position <= 3 then f.sku else '…' end, ', ' order by f.position
            ) as skus
            from (
                select s.sku, row_number() over (order by s.sku) as position
                from (
                    select p.sku
                    from public.products as p
                    where p.id in (
                        select i.product_id from stocksync.incidents as i where i.run_id = r.id
                        union all
                        select d.product_id from stocksync.findings as d where d.run_id = r.id
                    )
                    order by p.sku
                    limit 4
                ) as s
            ) as f
        ) as n
        where (r.products_corrected > 0 or r.wrong > 0)
            -- A later look from the movements themselves, as deep as this one, left nothing wrong.
            and not exists (
                select
                from last_run as y
                where y.started_at >= r.finished_at
                    and y.is_whole
                    and y.wrong = 0
                    and (
                        y.command = 'audit'
                        or y.command = 'sync' and y.options @> '{"force": true}'
                        or y.command = 'sync' and r.command = 'refresh'
                    )
            )
        union all
        select
            'refresh_late',
            'refresh',
            '',
            'error',
            case
                when f.finished_at is null then 'no refresh has been completed'
                else 'no refresh has been completed since '
                    || to_char(f.finished_at at time zone s.time_zone, 'YYYY-MM-DD HH24:MI ')
                    || s.time_zone
            end,
            jsonb_build_object('last_completed_at', f.finished_at)
        from stocksync.settings as s
        left join stocksync.installation as i on true
        left join stocksync._last_run as f on f.command = 'refresh'
        where coalesce(f.finished_at, i.deployed_at) < p_at - s.refresh_late_after
        union all
        select
            'job_failed',
            'job ' || j.id,
            j.attempts::text,
            'critical',
            format(
                'job %s (%s) has failed for good: %s', j.id, j.task,
                coalesce(left(j.error, 300), 'no reason known')
            ),
            jsonb_strip_nulls(jsonb_build_object(
                'job', j.id, 'task', j.task, 'arguments', j.arguments, 'attempts', j.attempts,
                'sqlstate', j.sqlstate, 'run', j.run_id
            ))
        from stocksync.jobs as j
        where j.state = 'failed'
        union all
        select
            v.rule,
            'product ' || p.product_id,
            '',
            'warning',
            v.message,
            v.context || jsonb_build_object(
                'product_id', p.product_id, 'sku', p.sku, 'name', p.name, 'on_hand', p.on_hand
            )
        from (
            select o.*, trim_scale(o.quantity_on_hand) as on_hand from stocksync._stock as o
        ) as p
        cross join lateral (
            select
                'negative_stock' as rule,
                format('the stock of "%s" is %s', p.sku, p.on_hand) as message,
                '{}'::jsonb as context
            where p.on_hand < 0
            union all
            select
                'below_reorder_point',
                format(
                    'the stock of "%s" is %s, its reorder point %s',
                    p.sku, p.on_hand, trim_scale(p.reorder_point)
                ),
                jsonb_build_object('reorder_point', p.reorder_point)
            where p.on_hand <= p.reorder_point and p.status = 'active'
                -- NaN and Infinity are no reorder points
                and p.reorder_point < 'Infinity'
        ) as v
        where not p.is_deleted
            and (p.on_hand < 0 or p.on_hand <= p.reorder_point)
        union all
        select
            e.rule,
            'product ' || p.id,
            '',
            'warning',
            format(
                '%s of "%s" %s with %s left',
                case e.batches
                    when 1 then format('batch "%s"', e.batch_number) else e.batches || ' batches'
                end,
                p.sku,
                case e.rule
                    when 'batch_expired' then case e.batches when 1 then 'has' else 'have' end || ' expired'
                    else case e.batches
                        when 1 then format('expires on %s', to_char(e.first_on, 'YYYY-MM-DD'))
                        else format('expire, the first on %s', to_char(e.first_on, 'YYYY-MM-DD')) || ','
                    end
                end,
                trim_scale(e.quantity)
            ),
            jsonb_build_object(
                'product_id', p.id, 'sku', p.sku, 'name', p.name, 'batches', e.batches,
                'quantity', trim_scale(e.quantity), 'first_on', e.first_on
            )
        from (
            select d.product_id,
                case when d.expiry_date < y.today then 'batch_expired' else 'batch_expiring' end as rule,
                count(*) as batches, min(d.batch_number) as batch_number,
                min(d.expiry_date) as first_on, sum(d.quantity_remaining) as quantity
            from stocksync.settings as s
            cross join (
                select (p_at at time zone z.time_zone)::date as today from stocksync.settings as z
            ) as y
            join public.stock_batches as d on d.expiry_date <= y.today + s.expiring_days
            where d.is_open
                and d.status <> 'retired'
                -- quarantined, it need not be sold in time
                and (d.expiry_date < y.today or d.status = 'active')
            group by 1, 2
        ) as e
        join public.products as p on p.id = e.product_id
        union all
        select
            'pending_late',
            'pending',
            '',
            'error',
            'changes of stock have waited for a busy product since '
                || to_char(q.oldest_at at time zone s.time_zone, 'YYYY-MM-DD HH24:MI:SS ')
                || s.time_zone,
            jsonb_build_object('oldest_at', q.oldest_at, 'rows', q.rows)
        from stocksync.settings as s
        cross join (
            select min(d.queued_at) as oldest_at, count(*) as rows from stocksync._pending as d
        ) as q
        where q.oldest_at < p_at - s.pending_late_after
    ) as c
    where c.rule = any ((select s.alert_rules from stocksync.settings as s)::text[])
$$;
COMMENT ON FUNCTION stocksync.alert_conditions(p_at timestamp with time zone) IS 'What somebody should be told as of p_at, one row per rule and subject, by the rules that settings.alert_rules names: "discrepancies_found" (the last run of refresh, sync or audit corrected or found something, and no look as deep has found all well since), "refresh_late", "job_failed" (for good), "negative_stock" and "below_reorder_point" (products that are not deleted; the latter only active ones), "pending_late", "batch_expired" (past their last day of sale with something left) and "batch_expiring" (within settings.expiring_days).';
CREATE FUNCTION stocksync.alerts_sent(p_channel text, p_delivery bigint, p_error text DEFAULT NULL::text, p_retry_after interval DEFAULT NULL::interval, p_at timestamp with time zone DEFAULT clock_timestamp()) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_before stocksync.alert_channels;
begin
    select * into v_before
    from stocksync.alert_channels as c
    where c.channel = p_channel and c.delivery = p_delivery and c.claimed_at is not null
    for no key update;
    -- The claim had lapsed, and another one sends it.
    if not found then
        return;
    end if;
    if p_error is null then
        update stocksync.alert_channels as c
        set claimed_at = null, sent_at = p_at, failures = 0, retry_at = null, error = null
        where c.channel = p_channel;
        update stocksync.alert_deliveries as d
        set sent_at = case when d.event = 'resolved' then d.sent_at else p_at end,
            resolution_sent_at = case when d.event = 'resolved' then p_at end
        where d.channel = p_channel and d.delivery = p_delivery;
        if v_before.failures > 0 then
            perform stocksync._write_log(
                'info', 'alerts are delivered again',
                p_context => jsonb_build_object(
                    'channel', p_channel, 'failures', v_before.failures
                )
            );
        end if;
    else
        update stocksync.alert_channels as c
        set claimed_at = null,
            failures = c.failures + 1,
            -- half a minute, then twice as long each time, up to half an hour
            retry_at = p_at + greatest(
                p_retry_after, interval '30 seconds' * power(2, least(c.failures, 6))
            ),
            error = p_error
        where c.channel = p_channel;
        if v_before.failures = 0 then
            perform stocksync._write_log(
                'error', 'alerts could not be delivered',
                p_context => jsonb_build_object('channel', p_channel, 'error', p_error)
            );
        end if;
    end if;
end;
$$;
COMMENT ON FUNCTION stocksync.alerts_sent(p_channel text, p_delivery bigint, p_error text, p_retry_after interval, p_at timestamp with time zone) IS 'Records that the message with this number, from stocksync.take_alerts(), was sent; or, with p_error, that it was not: it is handed out again later, not before p_retry_after. Does nothing if another session has taken it over meanwhile.';
CREATE FUNCTION stocksync.archivable(p_through date) RETURNS SETOF public.stock_movements
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_before timestamptz;
begin
    select c.closed_before into v_before
    from stocksync.closings as c
    where c.closed_through = p_through and c.closed_at is not null and c.reopened_at is null
    -- twice the same day, where the shop has moved to another time zone
    order by c.closed_before desc
    limit 1;
    if not found then
        raise exception 'the books are not closed through %', p_through
            using errcode = 'object_not_in_prerequisite_state',
                  hint = format('Close them first with "stocksync close %s", or use a day of "stocksync close --list".',
                      p_through);
    end if;
    return query
    select m.*
    from public.stock_movements as m
    where m.occurred_at < v_before
        and not exists (
            select from public.stock_movements as r
            where r.reverses_id = m.id and r.occurred_at >= v_before
        )
    order by m.id;
end;
$$;
COMMENT ON FUNCTION stocksync.archivable(p_through date) IS 'The movements that stocksync.archive_movements(p_through) takes away: those dated until the end of a closing, except what a later movement reverses; by number. From psql, with datestyle ISO: \copy (select * from it) to FILE with (format csv, header, encoding ''UTF8''). Raises object_not_in_prerequisite_state if the books are not closed through that day.';
CREATE FUNCTION stocksync.archive_movements(p_through date, p_file text, p_sha256 text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_archive_id bigint;
    v_archivable bigint;
    v_read bigint;
    v_removed bigint;
begin
    -- One archive at a time, and no reopening meanwhile.
    perform pg_advisory_xact_lock(stocksync._lock_key('closing'));
    -- Whoever changes the time zone waits from here on; what changed before, an older snapshot does
    -- not see: see stocksync._capture().
    lock table public.stock_movements in row exclusive mode;
    perform from stocksync.settings as s where s.xmax <> 0 for share;
    perform stocksync._check_staged();
    select count(*) into v_archivable from stocksync.archivable(p_through);
    select count(*) into v_read from pg_temp.stocksync_archive;
    if v_archivable = 0 then
        return null;
    end if;
    insert into stocksync.archives (
        closing_id, archived_before, time_zone, file, sha256, content_sha256, movements,
        movement_ids, last_recorded_at
    )
    select c.id, c.closed_before, t.time_zone, p_file, p_sha256,
        coalesce(stocksync._staged_sha256(), ''), v_read, s.movement_ids,
        greatest(s.last_recorded_at, (
            select max(h.replaced_at)
            from pg_temp.stocksync_archive as a
            join stocksync.movement_history as h on h.movement_id = a.id
        ))
    from stocksync.closings as c
    cross join stocksync.settings as t
    cross join (
        select coalesce(range_agg(int8range(a.id, a.id, '[]')), '{}') as movement_ids,
            coalesce(max(a.recorded_at), '-infinity') as last_recorded_at
        from pg_temp.stocksync_archive as a
    ) as s
    where c.closed_through = p_through and c.closed_at is not null and c.reopened_at is null
    order by c.closed_before desc
    limit 1
    returning id into v_archive_id;
    insert into stocksync.archived_daily (
        archive_id, product_id, location_id, day, transaction_type, quantity, movements
    )
    select v_archive_id, a.product_id, a.location_id, (a.occurred_at at time zone s.time_zone)::date,
        a.transaction_type,
        trim_scale(sum(case a.movement_type when 'in' then a.quantity else -a.quantity end)),
        count(*)
    from pg_temp.stocksync_archive as a
    cross join stocksync.settings as s
    group by 1, 2, 3, 4, 5;
    insert into stocksync.archived_keys (
        idempotency_key, archive_id, movement_id, movement_type, occurred_at, recorded_at,
        given_at, content_md5
    )
    select a.idempotency_key, v_archive_id, a.id, a.movement_type, a.occurred_at, a.recorded_at,
        coalesce(h.occurred_at, a.occurred_at),
        stocksync._content_md5(
            a.product_id, a.location_id, a.transaction_type, a.quantity, a.unit_cost, a.reference,
            a.user_id, a.notes, a.metadata, a.batch_id, a.batch_number, a.expiry_date
        )
    from pg_temp.stocksync_archive as a
    left join stocksync.movement_history as h
        on h.movement_id = a.id and h.recorded_at = a.recorded_at and h.operation = 'late'
    where a.idempotency_key is not null;
    -- Compared in the statement that removes, so that nothing changes in between.
    insert into stocksync._passes default values;
    delete from public.stock_movements as m
    using pg_temp.stocksync_archive as a, stocksync.archivable(p_through) as b
    where b.id = a.id
        and m.id = a.id
        and m *= a; -- 5.0 is not the same as 5 here
    get diagnostics v_removed = row_count;
    delete from stocksync._passes as p where p.xid = pg_current_xact_id();
    if (v_removed, v_read) is distinct from (v_archivable, v_archivable) then
        raise exception 'the file does not hold the movements that are to be archived'
            using errcode = 'data_corrupted',
                  detail = format('There are %s; the file holds %s, of which %s are the same.',
                      v_archivable, v_read, v_removed),
                  hint = 'Nothing was removed. Write the file again.';
    end if;
    update stocksync._closed set has_archived = true;
    perform stocksync._write_log(
        'warning', 'movements archived',
        p_context => jsonb_build_object(
            'archive', v_archive_id, 'closed_through', p_through, 'movements', v_removed,
            'file', p_file, 'sha256', p_sha256
        )
    );
    return v_archive_id;
end;
$$;
COMMENT ON FUNCTION stocksync.archive_movements(p_through date, p_file text, p_sha256 text) IS 'Removes the movements of stocksync.archivable(p_through) from the ledger, if the temporary table stocksync_archive, read back from the file, holds exactly these; returns the number of the archive, null if there is nothing to archive. p_file and p_sha256 (of the file before it is packed, in hexadecimal) are for the record and for restoring. Stock, turnovers by day, idempotency keys and balances of closings are kept. Raises data_corrupted if the file holds anything else, object_not_in_prerequisite_state if the books are not closed through that day.';
CREATE PROCEDURE stocksync.audit(INOUT p_run_id bigint DEFAULT NULL::bigint)
    LANGUAGE plpgsql
    AS $$
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;
    p_run_id := stocksync._start_run('audit', null, null, null);
    commit and chain;
    perform stocksync._record_findings(p_run_id);
    commit and chain;
    perform stocksync._finish_run(p_run_id);
    commit;
end;
$$;
COMMENT ON PROCEDURE stocksync.audit(INOUT p_run_id bigint) IS 'Compares every stored quantity with the movements, as stocksync.discrepancies(p_force => true) does, the batches ("batches", see stocksync.batch_discrepancies()) and the balances of the last closing too ("closing"), and records what differs in stocksync.findings, and in the cost of the run how many products stocksync.negative_in_past() tells of; corrects nothing. Returns the number of the run. Not inside a transaction block.';
CREATE FUNCTION stocksync.available(p_product_id bigint, p_location_id bigint DEFAULT NULL::bigint, p_on date DEFAULT NULL::date) RETURNS numeric
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_available numeric;
begin
    if (select p.tracks_batches from public.products as p where p.id = p_product_id) then
        select sum(b.quantity_remaining) into v_available
        from public.stock_batches as b
        cross join stocksync.settings as s
        where b.product_id = p_product_id
            and b.location_id is not distinct from p_location_id
            and b.is_open
            and b.status = 'active'
            and (
                b.expiry_date is null
                or s.expired_batches = 'last'
                or b.expiry_date >= coalesce(p_on, stocksync._shop_day())
            );
        return trim_scale(coalesce(v_available, 0));
    end if;
    select greatest(o.quantity_on_hand, 0) into v_available
    from public.stock_on_hand as o
    where o.product_id = p_product_id;
    if not found then
        raise exception 'product % does not exist', p_product_id
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    end if;
    return v_available;
end;
$$;
COMMENT ON FUNCTION stocksync.available(p_product_id bigint, p_location_id bigint, p_on date) IS 'How many units a sale could take now. Of a product that tracks batches: what is left, at the place (as in a movement, null is the unnamed one), of batches that are not quarantined and not expired on p_on (null: today in the shop), or of expired ones too where settings.expired_batches is "last". Of other products: the quantity on hand at whatever place, zero where it is below, as no sale is refused for the place. What the transaction has not yet settled is not in it. Raises no_data_found for an unknown product.';
CREATE FUNCTION stocksync.batch_discrepancies(p_product_ids bigint[] DEFAULT NULL::bigint[]) RETURNS TABLE(product_id bigint, sku text, location text, batch_id bigint, batch_number text, movement_id bigint, differs text, stored numeric, derived numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with batch as (
        select b.id, b.product_id, b.location_id, b.batch_number, b.quantity_received,
            b.quantity_remaining, b.status,
            coalesce(r.quantity, 0) as received,
            coalesce(r.quantity, 0) - coalesce(c.quantity, 0) as remaining
        from public.stock_batches as b
        left join (
            select r.batch_id, sum(r.quantity) as quantity
            from public.batch_receipts as r
            group by r.batch_id
        ) as r on r.batch_id = b.id
        left join (
            select c.batch_id, sum(c.quantity) as quantity
            from public.batch_consumptions as c
            group by c.batch_id
        ) as c on c.batch_id = b.id
        where p_product_ids is null or b.product_id = any (p_product_ids)
    ),
    moved as (
        select u.movement_id, sum(u.quantity) as quantity
        from (
            select r.movement_id, r.batch_id, r.quantity
            from public.batch_receipts as r
            union all
            select c.movement_id, c.batch_id, -c.quantity
            from public.batch_consumptions as c
        ) as u
        -- one that is corrected later, while the product tracks batches again, is of both times
        join batch as b on b.id = u.batch_id and b.status <> 'retired'
        group by u.movement_id
    ),
    wrong (product_id, location_id, batch_id, batch_number, movement_id, differs, stored, derived) as (
        select b.product_id, b.location_id, b.id, b.batch_number, null::bigint, 'quantity_received',
            b.quantity_received, b.received
        from batch as b
        where b.quantity_received <> b.received
        union all
        select b.product_id, b.location_id, b.id, b.batch_number, null, 'quantity_remaining',
            b.quantity_remaining, b.remaining
        from batch as b
        where b.quantity_remaining <> b.remaining
        union all
        -- of one that is archived the batches are all that is left
        select m.product_id, m.location_id, null, null, m.id, 'movement', v.quantity,
            case m.movement_type when 'in' then m.quantity else -m.quantity end
        from moved as v
        join public.stock_movements as m on m.id = v.movement_id
        where v.quantity <> case m.movement_type when 'in' then m.quantity else -m.quantity end
        union all
        select o.product_id, o.location_id, null, null, null, 'stock', coalesce(b.remaining, 0),
            coalesce(b.remaining, 0) + o.quantity
        from stocksync.opening_batches(p_product_ids) as o
        join public.products as p on p.id = o.product_id and p.tracks_batches
        left join (
            select k.product_id, k.location_id, sum(k.quantity_remaining) as remaining
            from batch as k
            where k.status <> 'retired'
            group by k.product_id, k.location_id
        ) as b on b.product_id = o.product_id and b.location_id is not distinct from o.location_id
    )
    select w.product_id, p.sku, l.name, w.batch_id, w.batch_number, w.movement_id, w.differs,
        trim_scale(w.stored), trim_scale(w.derived)
    from wrong as w
    left join public.products as p on p.id = w.product_id
    left join public.locations as l on l.id = w.location_id
    order by w.product_id, w.location_id, w.batch_id, w.movement_id;
$$;
COMMENT ON FUNCTION stocksync.batch_discrepancies(p_product_ids bigint[]) IS 'What is wrong about the batches of these products (null: all). differs: "quantity_received" is not the sum of the receipts, "quantity_remaining" is not that less what was consumed, "movement": what it brought and took is not its quantity, "stock": what remains at a place is not the stock there; stored is what is there, derived what it should be. Nothing if all is well. In a transaction that has written movements, call it after "set constraints all immediate".';
CREATE FUNCTION stocksync.batch_id(p_product_id bigint, p_batch_number text, p_location_id bigint DEFAULT NULL::bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_sku constant text := (select p.sku from public.products as p where p.id = p_product_id);
    v_ids bigint[];
    v_detail text;
begin
    if p_product_id is null or p_batch_number is null then
        return null;
    end if;
    select array_agg(f.id),
        string_agg(
            format(
                'number %s with %s left%s%s', f.id, f.quantity_remaining,
                ', at a cost of ' || f.cost_price, ', expiring ' || to_char(f.expiry_date, 'YYYY-MM-DD')
            ),
            '; ' order by f.id
        )
    into v_ids, v_detail
    from (
        select b.*, rank() over (order by b.is_open desc) as rank
        from public.stock_batches as b
        where b.product_id = p_product_id
            and b.batch_number = p_batch_number
            and b.location_id is not distinct from p_location_id
            and b.status <> 'retired'
    ) as f
    -- exhausted ones only if there are no others
    where f.rank = 1;
    if v_ids is null then
        raise exception 'there is no batch "%" of "%" at this place', p_batch_number, coalesce(v_sku, p_product_id::text)
            using errcode = 'no_data_found',
                  hint = 'List them with "stocksync batch list --sku SKU"; what is new comes in with "stocksync batch receive".';
    elsif cardinality(v_ids) > 1 then
        raise exception 'there are several batches "%" of "%" at this place', p_batch_number, v_sku
            using errcode = 'cardinality_violation',
                  detail = format('They are %s.', v_detail),
                  hint = 'Use the number of the batch instead: stocksync.record_count(..., p_batch_id => NUMBER).';
    end if;
    return v_ids[1];
end;
$$;
COMMENT ON FUNCTION stocksync.batch_id(p_product_id bigint, p_batch_number text, p_location_id bigint) IS 'The number of the batch of a product on which this is printed, at a place (null: the unnamed one): of those of which something is left, or else of the others. Raises no_data_found if there is none, cardinality_violation if there are several, of another cost or expiry date; null for null.';
CREATE FUNCTION stocksync.beginning(p_text text) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_at constant timestamptz := stocksync.moment(p_text);
begin
    if length(p_text) = 10 then
        return stocksync.moment(to_char(p_text::date - 1, 'YYYY-MM-DD'));
    end if;
    return v_at;
end;
$$;
COMMENT ON FUNCTION stocksync.beginning(p_text text) IS 'As stocksync.moment(), but a day alone, like "2026-10-01", is the last instant before it: the stock then is the one with which the day begins. Raises invalid_datetime_format for what is no time; null for null.';
CREATE FUNCTION stocksync.cancel_job(p_job_id bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_job stocksync.jobs;
    v_state text;
begin
    select * into v_job from stocksync.jobs as j where j.id = p_job_id for update;
    if not coalesce(v_job.state in ('queued', 'running', 'failed'), false) then
        v_job := stocksync.show_job(p_job_id); -- raises for an unknown one
        raise exception 'job % is %', p_job_id, v_job.state
            using errcode = 'object_not_in_prerequisite_state',
                  detail = coalesce(
                      'It goes on as job ' || v_job.merged_into || '.', 'It has ended.'
                  );
    end if;
    -- A job that runs has ended when its statement has, and not before, or the next of its subject
    -- could begin beside it. Where the statement is another role's, its worker ends it.
    v_state := case
        when v_job.state = 'running' and stocksync._runs_still(v_job) is not false then 'running'
        else 'cancelled'
    end;
    update stocksync.jobs as j
    set state = v_state,
        is_cancelled = true,
        finished_at = case v_state when 'cancelled' then clock_timestamp() end
    where j.id = p_job_id;
    if v_state = 'running' then
        perform stocksync._cancel_statement(v_job);
    end if;
    perform stocksync._write_log(
        'info', 'job cancelled', (v_job.arguments ->> 'product_id')::bigint,
        jsonb_build_object('job', v_job.id, 'subject', v_job.subject, 'was', v_job.state)
    );
    return v_state;
end;
$$;
COMMENT ON FUNCTION stocksync.cancel_job(p_job_id bigint) IS 'Cancels a job that is queued, running or failed, so that it is not tried again, and returns what it is now: "cancelled", or "running" while its statement is being ended. Raises no_data_found for an unknown number, object_not_in_prerequisite_state for a job that has ended.';
CREATE FUNCTION stocksync.check_scope(p_product_id bigint, p_since timestamp with time zone) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if p_product_id is not null
        and not exists (select from public.products as p where p.id = p_product_id)
    then
        raise exception 'product % does not exist', p_product_id
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    elsif p_since > now() then
        raise exception '% is in the future', p_since
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the date from which movements may be wrong.';
    end if;
end;
$$;
COMMENT ON FUNCTION stocksync.check_scope(p_product_id bigint, p_since timestamp with time zone) IS 'Raises no_data_found if the product does not exist and invalid_parameter_value if the time is in the future. Nulls are fine.';
CREATE PROCEDURE stocksync.close_period(IN p_through date, INOUT p_closing_id bigint DEFAULT NULL::bigint)
    LANGUAGE plpgsql
    AS $$
begin
    -- Whatever the session's default: each step needs a snapshot of its own. Chained transactions
    -- inherit it.
    commit;
    set transaction isolation level read committed;
    p_closing_id := stocksync._start_closing(p_through);
    commit and chain;
    call stocksync._wait_for_writers();
    perform stocksync._finish_closing(p_closing_id);
    commit;
end;
$$;
COMMENT ON PROCEDURE stocksync.close_period(IN p_through date, INOUT p_closing_id bigint) IS 'Closes the books through a day, in the shop''s time zone, which must be over: movements dated until then are refused (or booked on the first open day, as stocksync.settings.late_movements says), their updates and deletes are refused, and the balances are kept. Returns the number of the closing; that of an earlier call if that day was closed by it. Waits for transactions that were writing movements when it began; nobody waits for it. Not inside a transaction block. Raises invalid_parameter_value for a day that is not over, object_not_in_prerequisite_state where the books are closed through a later day, or an earlier closing has not ended.';
CREATE FUNCTION stocksync.correct_batch(p_batch_id bigint, p_batch_number text DEFAULT NULL::text, p_expiry_date date DEFAULT NULL::date, p_cost_price numeric DEFAULT NULL::numeric, p_reason text DEFAULT NULL::text) RETURNS TABLE(batch_id bigint, location text, batch_number text, expiry_date date, cost_price numeric)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_batch public.stock_batches;
    v_changed public.stock_batches;
    v_ids bigint[];
begin
    -- The product first, as settle does.
    perform stocksync.lock_products(array(
        select b.product_id from public.stock_batches as b where b.id = p_batch_id
    ));
    select * into v_batch from public.stock_batches as b where b.id = p_batch_id;
    if not found then
        raise exception 'batch % does not exist', p_batch_id
            using errcode = 'no_data_found',
                  hint = 'List the batches with "stocksync batch list --all".';
    elsif v_batch.status = 'retired' then
        raise exception 'batch "%" is retired', v_batch.batch_number
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'It is of a time when the product tracked batches, and no part of the stock.';
    elsif num_nonnulls(p_batch_number, p_expiry_date, p_cost_price) = 0 then
        raise exception 'nothing is to be corrected'
            using errcode = 'invalid_parameter_value',
                  hint = 'Give the right number, expiry date or cost.';
    end if;
    v_changed := v_batch;
    v_changed.batch_number := coalesce(p_batch_number, v_batch.batch_number);
    v_changed.expiry_date := coalesce(nullif(p_expiry_date, 'infinity'), case
        when p_expiry_date is null then v_batch.expiry_date
    end);
    v_changed.cost_price := coalesce(p_cost_price, v_batch.cost_price);
    -- Goods that are alike were mistaken together, wherever they lie now.
    insert into stocksync._passes default values;
    with corrected as (
        update public.stock_batches as b
        set batch_number = v_changed.batch_number,
            expiry_date = v_changed.expiry_date,
            cost_price = v_changed.cost_price,
            -- a number that is quarantined is so for whatever has it
            status = case
                when exists (
                    select
                    from public.stock_batches as q
                    where q.product_id = v_batch.product_id
                        and q.batch_number = v_changed.batch_number
                        and q.status = 'quarantined'
                ) then 'quarantined'
                else b.status
            end
        where b.product_id = v_batch.product_id
            and b.batch_number = v_batch.batch_number
            and b.status <> 'retired'
            and b.expiry_date is not distinct from v_batch.expiry_date
            and b.cost_price is not distinct from v_batch.cost_price
        returning b.id
    )
    select array_agg(c.id order by c.id) into v_ids from corrected as c;
    delete from stocksync._passes as p where p.xid = pg_current_xact_id();
    perform stocksync._write_log(
        'warning', 'batch corrected', v_batch.product_id,
        jsonb_strip_nulls(jsonb_build_object(
            'batches', to_jsonb(v_ids),
            'batch_number', v_batch.batch_number, 'new_number', p_batch_number,
            'old_expiry_date', case when p_expiry_date is not null then v_batch.expiry_date end,
            'new_expiry_date', p_expiry_date,
            'old_cost_price', case when p_cost_price is not null then v_batch.cost_price end,
            'new_cost_price', p_cost_price,
            'reason', p_reason
        ))
    );
    return query
    select b.id, l.name, b.batch_number, b.expiry_date, b.cost_price
    from public.stock_batches as b
    left join public.locations as l on l.id = b.location_id
    where b.id = any (v_ids)
    order by b.id;
end;
$$;
COMMENT ON FUNCTION stocksync.correct_batch(p_batch_id bigint, p_batch_number text, p_expiry_date date, p_cost_price numeric, p_reason text) IS 'Corrects what is known of a batch, and of all that is alike (same number, expiry date and cost) at other places; null leaves a thing as it is, an expiry date of "infinity" takes it away. Logged, with the reason. What was taken from it stays taken; its cost of goods sold follows. One that gets a number that is quarantined is so too. Returns the batches as they are now. Raises no_data_found for an unknown batch, object_not_in_prerequisite_state for a retired one, invalid_parameter_value if nothing is given, check_violation for an impossible value, unique_violation (stock_batches_alike_idx) where there is such a batch already.';
CREATE FUNCTION stocksync.corrections(p_run_id bigint) RETURNS TABLE(product_id bigint, sku text, name text, quantity_on_hand numeric, ledger numeric, difference numeric, differs text[])
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        i.product_id,
        p.sku,
        p.name,
        coalesce(max(i.before) filter (where i.class = 'quantity_on_hand'), max(i.after)),
        max(i.after),
        coalesce(sum(i.before - i.after) filter (where i.class = 'quantity_on_hand'), 0),
        array_agg(i.class order by i.id)
    from stocksync.incidents as i
    left join public.products as p on p.id = i.product_id
    where i.run_id = p_run_id
    group by i.product_id, p.sku, p.name
    order by i.product_id;
$$;
COMMENT ON FUNCTION stocksync.corrections(p_run_id bigint) IS 'The products that a run corrected: quantity_on_hand before, what the ledger said, the difference (before minus ledger) and what differed. Empty for an unknown run.';
CREATE FUNCTION stocksync.discrepancies(p_product_ids bigint[] DEFAULT NULL::bigint[], p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_force boolean DEFAULT false) RETURNS TABLE(product_id bigint, sku text, name text, quantity_on_hand numeric, total_stock numeric, rolled_up numeric, ledger numeric, difference numeric, movements bigint, differs text[])
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select c.id, c.sku, c.name, c.quantity_on_hand, c.total_stock, c.rolled_up, c.ledger,
        c.quantity_on_hand - c.ledger, c.movements, c.differs
    from (
        select p.id, p.sku, p.name, p.quantity_on_hand, p.total_stock,
            coalesce(r.quantity, 0) as rolled_up,
            coalesce(l.quantity, 0) as ledger,
            coalesce(l.movements, 0) as movements,
            pg_catalog.array_remove(array[
                case when p.quantity_on_hand <> coalesce(l.quantity, 0) then 'quantity_on_hand' end,
                case when p.total_stock <> coalesce(l.quantity, 0) then 'total_stock' end,
                case when coalesce(r.quantity, 0) <> coalesce(l.quantity, 0)
                    or d.product_id is not null then 'roll_up' end
            ], null) as differs
        from (
            select o.id, o.sku, o.name,
                o.quantity_on_hand + coalesce(q.quantity, 0) as quantity_on_hand,
                o.total_stock + coalesce(q.quantity, 0) as total_stock
            from public.products as o
            left join (
                select w.product_id, pg_catalog.sum(w.quantity) as quantity
                from stocksync._pending as w
                group by w.product_id
            ) as q on q.product_id = o.id
        ) as p
        left join (
            select m.product_id,
                pg_catalog.trim_scale(pg_catalog.sum(m.quantity)) as quantity,
                pg_catalog.sum(m.movements)::bigint as movements
            from stocksync._turnovers as m
            where p_product_ids is null or m.product_id = any (p_product_ids)
            group by m.product_id
        ) as l on l.product_id = p.id
        left join (
            select u.product_id, pg_catalog.sum(u.quantity) as quantity
            from (
                select t.product_id, t.quantity
                from stocksync.stock_total as t
                where p_product_ids is null or t.product_id = any (p_product_ids)
                union all
                select j.product_id, j.quantity
                from stocksync._journal as w
                cross join pg_catalog.unnest(w.lines) as j
                where p_product_ids is null or j.product_id = any (p_product_ids)
            ) as u
            group by u.product_id
        ) as r on r.product_id = p.id
        left join (
            select f.product_id
            from stocksync._roll_up_differences(p_product_ids) as f
            where p_force
            union
            select coalesce(t.product_id, y.product_id)
            from (
                select *
                from stocksync.stock_total as a
                where p_product_ids is null or a.product_id = any (p_product_ids)
            ) as t
            full join stocksync._daily_totals(p_product_ids) as y
                on y.product_id = t.product_id
                -- "is not distinct from", in what a full join can hash
                and coalesce(y.location_id, 0) = coalesce(t.location_id, 0)
                and (y.location_id is null) = (t.location_id is null)
            where p_force
                and (t.quantity, t.movements, t.quantity_in, t.first_on, t.last_on, t.last_count_on)
                    is distinct from
                    (y.quantity, y.movements, y.quantity_in, y.first_on, y.last_on, y.last_count_on)
        ) as d on d.product_id = p.id
        where (p_product_ids is null or p.id = any (p_product_ids))
            and (
                p_since is null
                or p.id in (
                    select m.product_id
                    from public.stock_movements as m
                    where m.occurred_at >= p_since or m.recorded_at >= p_since
                )
            )
    ) as c
    where c.differs <> '{}';
$$;
COMMENT ON FUNCTION stocksync.discrepancies(p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) IS 'Products whose stored quantities differ from their movements: what stocksync.sync() would correct. p_product_ids: only these (null: all). p_since: only products with movements that occurred or were recorded since then (null: all). p_force: compare the roll-up bucket by bucket, not only its totals. quantity_on_hand and total_stock are with what waits for a busy product; difference is quantity_on_hand minus ledger; differs names what is wrong: quantity_on_hand, total_stock, roll_up. In a transaction that has written movements, call it after "set constraints all immediate".';
CREATE FUNCTION stocksync.doctor() RETURNS TABLE(check_name text, status text, detail text, cure text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;
COMMENT ON FUNCTION stocksync.doctor() IS 'One row for each thing checked: status "ok", "warning" or "failure", and for the last two what cures it.';
CREATE FUNCTION stocksync.enqueue(p_task text, p_product_id bigint DEFAULT NULL::bigint, p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_force boolean DEFAULT false, p_run_at timestamp with time zone DEFAULT now()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_job_id bigint;
begin
    perform stocksync.check_scope(p_product_id, p_since);
    insert into stocksync.jobs as j (task, arguments, subject, run_at)
    values (
        p_task,
        jsonb_strip_nulls(jsonb_build_object(
            'product_id', p_product_id, 'since', p_since, 'force', nullif(p_force, false)
        )),
        p_task || coalesce(' product ' || p_product_id, ''),
        p_run_at
    )
    on conflict (subject) where state = 'queued' do update set
        arguments = stocksync._merge_arguments(j.arguments, excluded.arguments),
        run_at = least(j.run_at, excluded.run_at)
    returning id into v_job_id;
    -- Whoever listens looks at once; whoever does not, a second later. Commits that notify follow
    -- each other, which is why nothing that writes movements does.
    notify stocksync;
    return v_job_id;
end;
$$;
COMMENT ON FUNCTION stocksync.enqueue(p_task text, p_product_id bigint, p_since timestamp with time zone, p_force boolean, p_run_at timestamp with time zone) IS 'Queues a job, "sync", "refresh" or "audit", and returns its number; that of the job which is queued already for the same, if there is one: then the earlier p_since, p_force if either says so, and the earlier p_run_at hold. p_product_id, p_since and p_force are those of stocksync.sync(). Runs once committed, when a worker or "call stocksync.run_job()" takes it, not before p_run_at. Raises check_violation for another task and for arguments of one that has none, no_data_found for an unknown product, invalid_parameter_value for a p_since in the future.';
CREATE FUNCTION stocksync.enqueue_scheduled(p_task text, p_due_at timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    -- Taken too early, a time would keep all those before it from being taken.
    if p_due_at > clock_timestamp() then
        raise exception '% is in the future', p_due_at
            using errcode = 'invalid_parameter_value',
                  hint = 'Enqueue with p_run_at what is to run later.';
    end if;
    update stocksync.schedules as s
    set last_due_at = p_due_at
    where s.task = p_task
        and s.is_enabled
        and s.last_due_at < p_due_at;
    return case when found then stocksync.enqueue(p_task) end;
end;
$$;
COMMENT ON FUNCTION stocksync.enqueue_scheduled(p_task text, p_due_at timestamp with time zone) IS 'Queues a task of stocksync.schedules for the time at which it was due, and returns the job''s number; null if that time or a later one has been taken, or the schedule is not enabled. Raises invalid_parameter_value for a time in the future.';
CREATE PROCEDURE stocksync.expire(INOUT p_run_id bigint DEFAULT NULL::bigint, IN p_product_id bigint DEFAULT NULL::bigint)
    LANGUAGE plpgsql
    AS $$
declare
    -- Writers of a product wait while its chunk is written off.
    v_chunk constant integer := 100;
    v_ids bigint[];
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;
    p_run_id := stocksync._start_run('expire', p_product_id, null, null);
    commit and chain;
    select pg_catalog.array_agg(distinct e.product_id order by e.product_id) into v_ids
    from stocksync.expire_dry_run(p_product_id) as e;
    for i in 1 .. coalesce(pg_catalog.cardinality(v_ids), 0) by v_chunk loop
        perform stocksync._expire(p_run_id, v_ids[i : i + v_chunk - 1]);
        commit and chain;
    end loop;
    perform stocksync._finish_run(p_run_id);
    commit;
end;
$$;
COMMENT ON PROCEDURE stocksync.expire(INOUT p_run_id bigint, IN p_product_id bigint) IS 'Writes off what remains of batches whose last day of sale is over, quarantined or not, of one product or of all: a movement of type "expired" for each, which names the batch. Returns the number of the run; stocksync.expired(run) says what it wrote off, stocksync.undo(run) takes it back. Not inside a transaction block. Raises no_data_found for an unknown product.';
CREATE FUNCTION stocksync.expire_dry_run(p_product_id bigint DEFAULT NULL::bigint) RETURNS TABLE(product_id bigint, sku text, name text, batch_id bigint, batch_number text, location text, expiry_date date, quantity numeric, cost_price numeric, value numeric)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform stocksync.check_scope(p_product_id, null);
    return query
    select *
    from stocksync._expired_batches(
        case when p_product_id is not null then array[p_product_id] end
    );
end;
$$;
COMMENT ON FUNCTION stocksync.expire_dry_run(p_product_id bigint) IS 'The batches with something left whose last day of sale is over, in the shop, of one product or of all: what stocksync.expire() would write off, its cost and value (null if the cost is unknown). Raises no_data_found for an unknown product.';
CREATE FUNCTION stocksync.expired(p_run_id bigint) RETURNS TABLE(product_id bigint, sku text, name text, batch_id bigint, batch_number text, location text, expiry_date date, quantity numeric, cost_price numeric, value numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select p.id, p.sku, p.name, b.id, b.batch_number, l.name, b.expiry_date,
        trim_scale(m.quantity), m.unit_cost, trim_scale(m.quantity * m.unit_cost)
    from stocksync.runs as r
    cross join unnest(r.movement_ids) as i
    join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
    join public.stock_batches as b on b.id = m.batch_id
    join public.products as p on p.id = m.product_id
    left join public.locations as l on l.id = m.location_id
    where r.id = p_run_id and r.command = 'expire'
    order by p.sku, b.expiry_date, b.id;
$$;
COMMENT ON FUNCTION stocksync.expired(p_run_id bigint) IS 'What this run of stocksync.expire() wrote off, batch by batch, at the cost of then. Nothing for another run, and nothing of movements that are archived.';
CREATE FUNCTION stocksync.explain(p_sku text) RETURNS TABLE(line text, quantity numeric, movements bigint, first_at timestamp with time zone, last_at timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with product as (
        select s.product_id as id, s.quantity_on_hand
        from public.stock_on_hand as s
        where s.product_id = stocksync.product_id(p_sku)
    ),
    ledger as (
        select m.transaction_type,
            -- a reversal counts where what it reverses counts
            min(case
                when m.reverses_id is null then m.movement_type
                when m.movement_type = 'in' then 'out'
                else 'in'
            end) as direction,
            sum(case m.movement_type when 'in' then m.quantity else -m.quantity end) as quantity,
            count(*) as movements,
            min(m.occurred_at) as first_at,
            max(m.occurred_at) as last_at
        from public.stock_movements as m
        join product as p on p.id = m.product_id
        group by m.transaction_type
        union all
        select a.transaction_type, 'archived', sum(a.quantity), sum(a.movements)::bigint,
            min(stocksync._day_start(a.day)), max(stocksync._day_start(a.day))
        from stocksync.archived_daily as a
        join product as p on p.id = a.product_id
        group by a.transaction_type
    ),
    told as (
        select 1 as part, l.direction || ': ' || l.transaction_type as line,
            l.quantity, l.movements, l.first_at, l.last_at
        from ledger as l
        union all
        select 2, 'ledger', coalesce(sum(l.quantity), 0), coalesce(sum(l.movements), 0)::bigint,
            min(l.first_at), max(l.last_at)
        from ledger as l
        union all
        select 3, 'differs from the ledger by', p.quantity_on_hand - coalesce(sum(l.quantity), 0),
            null, null, null
        from product as p
        left join ledger as l on true
        group by p.quantity_on_hand
        having p.quantity_on_hand <> coalesce(sum(l.quantity), 0)
        union all
        select 4, 'on hand', p.quantity_on_hand, null, null, null
        from product as p
        union all
        select 5, 'not yet rolled up', sum(j.quantity), sum(j.movements), null, null
        from product as p
        cross join stocksync._journal as w
        cross join unnest(w.lines) as j
        where j.product_id = p.id
        having count(*) > 0
        union all
        select 6, 'waits for the product to be free', sum(q.quantity), count(*),
            min(q.queued_at), max(q.queued_at)
        from product as p
        join stocksync._pending as q on q.product_id = p.id
        having count(*) > 0
        union all
        select 7, 'corrected by sync', sum(i.after - i.before), count(*),
            min(i.found_at), max(i.found_at)
        from stocksync.incidents as i
        join product as p on p.id = i.product_id
        where i.class = 'quantity_on_hand'
        having count(*) > 0
        union all
        select 8, g.message, sum((g.context ->> 'new_stock')::numeric - (g.context ->> 'old_stock')::numeric),
            count(*), min(g.logged_at), max(g.logged_at)
        from stocksync.log as g
        join product as p on p.id = g.product_id
        where g.message like 'manual update of stock%'
        group by g.message
        union all
        select 9,
            'remains of batch ' || b.batch_number
                || coalesce(', expires ' || to_char(b.expiry_date, 'YYYY-MM-DD'), '')
                || coalesce(', at ' || o.name, ''),
            sum(b.quantity_remaining), null, min(b.received_at), max(b.received_at)
        from public.stock_batches as b
        join product as p on p.id = b.product_id
        left join public.locations as o on o.id = b.location_id
        where b.is_open and b.status <> 'retired'
        group by b.batch_number, b.expiry_date, o.id
    )
    select t.line, trim_scale(t.quantity), t.movements, t.first_at, t.last_at
    from told as t
    order by t.part, t.line;
$$;
COMMENT ON FUNCTION stocksync.explain(p_sku text) IS 'How the stock of a product comes about: one line per transaction type (what is archived apart, with its first and last day), their sum, what differs from it, the stock, what is not yet rolled up, how much of it waits for the product to be free, corrections and manual updates with how often and when, and what remains of each batch with when it came. Raises no_data_found for an unknown sku.';
CREATE FUNCTION stocksync.fail_job(p_job_id bigint, p_attempt bigint, p_sqlstate text, p_error text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_job stocksync.jobs;
    v_settings stocksync.settings;
begin
    update stocksync.jobs as j
    set failures = j.failures + 1,
        sqlstate = p_sqlstate,
        error = p_error
    where j.id = p_job_id
        and j.attempts = p_attempt
        and j.state = 'running'
    returning * into v_job;
    if not found then
        return null;
    end if;
    select * into v_settings from stocksync.settings;
    if v_job.is_cancelled then
        update stocksync.jobs as j
        set state = 'cancelled', finished_at = clock_timestamp()
        where j.id = p_job_id;
    elsif stocksync._may_pass(p_sqlstate) and v_job.failures < v_settings.job_attempts then
        perform stocksync._requeue_job(
            v_job,
            clock_timestamp() + v_settings.job_backoff[
                least(v_job.failures, cardinality(v_settings.job_backoff))
            ]
        );
    else
        update stocksync.jobs as j
        set state = 'failed', finished_at = clock_timestamp()
        where j.id = p_job_id;
    end if;
    select * into v_job from stocksync.jobs as j where j.id = p_job_id;
    if v_job.state <> 'cancelled' then
        perform stocksync._write_log(
            case v_job.state when 'failed' then 'critical' else 'error' end,
            case v_job.state
                when 'failed' then 'job failed for good'
                else 'job failed and will be tried again'
            end,
            (v_job.arguments ->> 'product_id')::bigint,
            jsonb_strip_nulls(jsonb_build_object(
                'job', v_job.id, 'subject', v_job.subject, 'attempt', p_attempt,
                'failures', v_job.failures, 'sqlstate', p_sqlstate, 'error', p_error,
                'merged_into', v_job.merged_into,
                'run_at', case v_job.state when 'queued' then v_job.run_at end
            ))
        );
    end if;
    return v_job.state;
end;
$$;
COMMENT ON FUNCTION stocksync.fail_job(p_job_id bigint, p_attempt bigint, p_sqlstate text, p_error text) IS 'Reports that this attempt of a job failed, and returns what the job is now: "queued" (tried again later), "merged" (the same was queued already), "failed" for good, or "cancelled"; null if this attempt does not run any more. p_sqlstate: of the error, null for a lost connection or worker.';
CREATE FUNCTION stocksync.failed_corrections(p_run_id bigint) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select u.products_failed from stocksync.runs as u where u.id = p_run_id;
$$;
COMMENT ON FUNCTION stocksync.failed_corrections(p_run_id bigint) IS 'The number of products that a run could not correct; the log names each. Null for an unknown run.';
CREATE FUNCTION stocksync.findings(p_run_id bigint) RETURNS TABLE(product_id bigint, sku text, name text, quantity_on_hand numeric, total_stock numeric, rolled_up numeric, ledger numeric, difference numeric, movements bigint, differs text[])
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select f.product_id, p.sku, p.name, f.quantity_on_hand, f.total_stock, f.rolled_up, f.ledger,
        f.quantity_on_hand - f.ledger, f.movements, f.differs
    from stocksync.findings as f
    left join public.products as p on p.id = f.product_id
    where f.run_id = p_run_id
    order by f.product_id;
$$;
COMMENT ON FUNCTION stocksync.findings(p_run_id bigint) IS 'The products that an audit found wrong, as they were then; difference is quantity_on_hand minus ledger. Empty for an unknown run.';
CREATE FUNCTION stocksync.fold() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_folded bigint;
begin
    -- Workers ask several times a second, and nearly always there is nothing.
    if not exists (select from stocksync._pending) then
        return 0;
    end if;
    with free as materialized (
        select p.id
        from public.products as p
        where p.id in (select q.product_id from stocksync._pending as q)
        order by p.id
        for no key update skip locked
    )
    delete from stocksync._pending as q
    using free as f
    where q.product_id = f.id;
    get diagnostics v_folded = row_count;
    return v_folded;
end;
$$;
COMMENT ON FUNCTION stocksync.fold() IS 'Adds the changes that wait in stocksync._pending to their products, where no other transaction holds the product, and returns how many changes that were. quantity_on_hand plus pending does not change by it.';
CREATE FUNCTION stocksync.follow_log(p_state jsonb DEFAULT NULL::jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    -- An entry's time is taken before its row is written, which may be what begins the transaction.
    v_margin constant interval := '2 seconds';
    -- Nobody knows when those began that were running at the first look.
    v_reach constant interval := '10 minutes';
    -- Not a later clock: what is not yet running when the locks are read is younger.
    v_at constant timestamptz := statement_timestamp();
    v_last constant timestamptz := coalesce((p_state ->> 'at')::timestamptz, v_at - v_reach);
    v_running jsonb;
    v_since timestamptz;
begin
    if pg_is_in_recovery() then
        raise exception 'the log cannot be followed on a replica'
            using errcode = 'feature_not_supported',
                  detail = 'A replica does not know which transactions are running.',
                  hint = 'Follow it on the primary.';
    end if;
    -- 1. What runs now was not running at the last look, or was known then. By its lock, since a
    -- snapshot does not tell a transaction from one that begins later if none younger has ended.
    select coalesce(
        jsonb_object_agg(x.xid, coalesce(p_state #> array['running', x.xid], to_jsonb(v_last))),
        '{}'
    )
    into v_running
    from (
        -- the others of a transaction are its savepoints
        select distinct on (l.virtualtransaction) l.transactionid::text as xid
        from pg_locks as l
        where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted
        order by l.virtualtransaction, age(l.transactionid) desc
    ) as x;
    -- 2. What ran then and has ended may have left entries as old as itself.
    select least(v_last, min(r.value::timestamptz)) - v_margin into v_since
    from jsonb_each_text(p_state -> 'running') as r
    where not v_running ? r.key;
    return jsonb_build_object(
        'at', v_at,
        'running', v_running,
        'since', v_since,
        -- no later look will ask for anything older
        'oldest', least(
            v_at, (select min(r.value::timestamptz) from jsonb_each_text(v_running) as r)
        ) - v_margin
    );
end;
$$;
COMMENT ON FUNCTION stocksync.follow_log(p_state jsonb) IS 'The state of a follower of the log, given the one before (null: the first): "since" is the time from which to read now, "oldest" that from which any later look may ask. Raises feature_not_supported on a replica.';
CREATE FUNCTION stocksync.grant_roles() RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_role text;
    v_missing text[] := '{}';
    v_grant text;
begin
    -- 1. The roles. They belong to the whole server, so they are made only where that is allowed.
    foreach v_role in array array['stocksync_app', 'stocksync_auditor', 'stocksync_operator'] loop
        if exists (select from pg_roles as r where r.rolname = v_role) then
            continue;
        elsif (select r.rolcreaterole or r.rolsuper from pg_roles as r where r.rolname = current_user) then
            begin
                execute format('create role %I nologin', v_role);
            exception when duplicate_object or unique_violation then
                null; -- another database of this server was faster
            end;
        else
            v_missing := v_missing || v_role;
        end if;
    end loop;
    -- 2. Nobody may call what is not granted below.
    revoke all on all routines in schema stocksync from public;
    revoke all on schema stocksync from public;
    -- 3. The grants: role, what it may do.
    for v_role, v_grant in
        select g.role, g.what
        from (
            values
            -- An operator runs and corrects, and is application and auditor too.
            ('stocksync_operator', 'stocksync_app'),
            ('stocksync_operator', 'stocksync_auditor'),
            -- Tables. An application inserts movements, keeps its catalogue, reads; an auditor
            -- reads everything.
            ('stocksync_app', 'usage on schema stocksync'),
            ('stocksync_app', 'select, insert, update, delete on public.products'),
            ('stocksync_app', 'select, insert, update on public.locations'),
            ('stocksync_app', 'select on
                public.transaction_types, public.stock_movements, public.stock_on_hand,
                public.stock_batches, public.batch_receipts, public.batch_consumptions,
                stocksync.stock_by_location, stocksync.settings'),
            ('stocksync_app', 'insert
                (id, product_id, location_id, movement_type, transaction_type, quantity,
                occurred_at, unit_cost, reference, idempotency_key, reverses_id, user_id, notes,
                metadata, batch_id, batch_number, expiry_date) on public.stock_movements'),
            ('stocksync_app', 'usage on sequence
                public.products_id_seq, public.locations_id_seq, public.stock_movements_id_seq'),
            ('stocksync_auditor', 'usage on schema stocksync'),
            ('stocksync_auditor', 'select on all tables in schema stocksync'),
            ('stocksync_auditor', 'select on
                public.products, public.locations, public.transaction_types,
                public.stock_movements, public.stock_on_hand, public.stock_batches,
                public.batch_receipts, public.batch_consumptions'),
            -- The ledger, and what keeps it right.
            ('stocksync_app', 'execute on function
                stocksync.lock_products(bigint[]), stocksync.movements(text, bigint),
                stocksync.product_id(text), stocksync.record_movement(bigint, text, numeric, text,
                bigint, timestamptz, numeric, text, text, text, jsonb, bigint, text, date),
                stocksync.reverse_movement(bigint, text), stocksync.stock(text, numeric),
                stocksync.use_shop_time()'),
            ('stocksync_auditor', 'execute on function
                stocksync.check_scope(bigint, timestamptz), stocksync.corrections(bigint),
                stocksync.discrepancies(bigint[], timestamptz, boolean), stocksync.doctor(),
                stocksync.explain(text), stocksync.failed_corrections(bigint),
                stocksync.findings(bigint), stocksync.live_object(), stocksync.movements(text,
                bigint), stocksync.product_id(text), stocksync.run_cost(bigint),
                stocksync.stock(text, numeric), stocksync.sync_dry_run(bigint, timestamptz,
                boolean), stocksync.use_shop_time(), stocksync._daily_totals(bigint[]),
                stocksync._roll_up_differences(bigint[])'),
            ('stocksync_operator', 'execute on function
                stocksync.fold(), stocksync.roll_up(), stocksync._continue_run(bigint),
                stocksync._correct(bigint, bigint[], timestamptz, boolean),
                stocksync._finish_run(bigint), stocksync._has_journal(), stocksync._lock_key(text),
                stocksync._record_findings(bigint), stocksync._record_found(bigint, bigint),
                stocksync._record_step(bigint, text, jsonb), stocksync._refresh_views(),
                stocksync._start_refresh(), stocksync._start_run(text, bigint, timestamptz,
                boolean), stocksync._suspects(), stocksync._tidy()'),
            ('stocksync_operator', 'execute on procedure
                stocksync.audit(bigint), stocksync.refresh(bigint), stocksync.sync(bigint, bigint,
                timestamptz, boolean), stocksync._correct_all(bigint, bigint[], timestamptz,
                boolean), stocksync._end_step(bigint, text, jsonb)'),
            -- Time.
            ('stocksync_app', 'execute on function
                stocksync.beginning(text), stocksync.location_id(text), stocksync.moment(text),
                stocksync.stock_as_of(timestamptz, bigint, bigint, timestamptz),
                stocksync.stock_history(bigint, timestamptz, timestamptz, interval, bigint),
                stocksync.stock_known_at(timestamptz, bigint, bigint),
                stocksync._archived_movement(text), stocksync._content_md5(bigint, bigint, text,
                numeric, numeric, text, text, text, jsonb, bigint, text, date),
                stocksync._given_at(public.stock_movements), stocksync._is_archived(bigint),
                stocksync._refuse_key(text, bigint)'),
            ('stocksync_auditor', 'execute on function
                stocksync.archivable(date), stocksync.beginning(text), stocksync.list_archives(),
                stocksync.list_closings(), stocksync.list_snapshots(), stocksync.location_id(text),
                stocksync.moment(text), stocksync.negative_in_past(bigint[]),
                stocksync.restore_dry_run(timestamptz, bigint, bigint),
                stocksync.restore_source(timestamptz, bigint), stocksync.stock_as_of(timestamptz,
                bigint, bigint, timestamptz), stocksync.stock_history(bigint, timestamptz,
                timestamptz, interval, bigint), stocksync.stock_known_at(timestamptz, bigint,
                bigint), stocksync._check_archives(timestamptz, timestamptz, date, date,
                timestamptz, date), stocksync._day_start(date),
                stocksync._first_open_day(timestamptz, text), stocksync._ledger_at(bigint[],
                timestamptz, timestamptz), stocksync._refuse_archived(stocksync.archives),
                stocksync._restore_differences(bigint, bigint[]), stocksync._stock_at(bigint[],
                timestamptz, timestamptz)'),
            ('stocksync_operator', 'execute on procedure
                stocksync.close_period(date, bigint), stocksync.restore(timestamptz, bigint,
                bigint, bigint), stocksync.take_snapshot(timestamptz, text, bigint),
                stocksync._wait_for_writers()'),
            ('stocksync_operator', 'execute on function
                stocksync.archive_movements(date, text, text), stocksync.reopen_period(date),
                stocksync.restore_archive(text), stocksync.stage_archive(text),
                stocksync._book_restore(bigint, bigint, bigint[]),
                stocksync._finish_closing(bigint), stocksync._start_closing(date),
                stocksync._store_snapshot(timestamptz, timestamptz, text),
                stocksync._writers(boolean)'),
            -- Batches.
            ('stocksync_auditor', 'execute on function
                stocksync.batch_discrepancies(bigint[]), stocksync.opening_batches(bigint[])'),
            -- Undo.
            ('stocksync_auditor', 'execute on function
                stocksync.undo_counts(bigint, timestamptz, text, text),
                stocksync.undo_dry_run(bigint, timestamptz, text, text),
                stocksync.undone(bigint), stocksync._check_undo(bigint, timestamptz, text, text),
                stocksync._undo_corrections(bigint),
                stocksync._undo_movements(bigint, timestamptz, text, text)'),
            ('stocksync_operator', 'execute on procedure
                stocksync.undo(bigint, timestamptz, text, text, bigint)'),
            -- Counts and balances.
            ('stocksync_app', 'select on stocksync.counts, stocksync.count_corrections'),
            ('stocksync_app', 'execute on function
                stocksync.batch_id(bigint, text, bigint), stocksync.record_count(bigint, numeric,
                timestamptz, bigint, text, text, bigint)'),
            ('stocksync_operator', 'execute on function
                stocksync.import_balances(text, timestamptz), stocksync.import_counts(text),
                stocksync._count_problems(boolean), stocksync._import_counts(stocksync.counts[],
                text, timestamptz), stocksync._keep_balances(text, timestamptz, bigint[], bigint[],
                numeric[]), stocksync._read_counts()'),
            -- Batches. Kept by settle alone; who may correct one calls a function.
            ('stocksync_app', 'execute on function
                stocksync.available(bigint, bigint, date), stocksync.list_batches(text, integer,
                boolean, boolean), stocksync.receive_batch(bigint, numeric, text, date, numeric,
                text, bigint, timestamptz, text, text, text, text),
                stocksync.transfer_stock(bigint, numeric, bigint, bigint, bigint, text,
                timestamptz, text, text, text, text), stocksync._movement_batches(bigint),
                stocksync._shop_day()'),
            ('stocksync_auditor', 'execute on function
                stocksync.available(bigint, bigint, date), stocksync.batch_id(bigint, text,
                bigint), stocksync.expire_dry_run(bigint),
                stocksync.expired(bigint), stocksync.list_batches(text, integer, boolean,
                boolean), stocksync._expired_batches(bigint[]),
                stocksync._movement_batches(bigint)'),
            ('stocksync_operator', 'execute on procedure stocksync.expire(bigint, bigint)'),
            ('stocksync_operator', 'execute on function
                stocksync.correct_batch(bigint, text, date, numeric, text),
                stocksync.quarantine_batch(bigint, text, boolean, text),
                stocksync.track_batches(bigint[], boolean), stocksync._expire(bigint, bigint[])'),
            -- The import.
            ('stocksync_auditor', 'execute on function stocksync.report_as_of(text)'),
            ('stocksync_operator', 'execute on function
                stocksync.import_columns(text), stocksync.import_movements(text, boolean),
                stocksync.import_problems(text, boolean), stocksync.import_products(text,
                boolean), stocksync.stage_import(text, text[]), stocksync._as_boolean(text),
                stocksync._as_jsonb(text), stocksync._as_numeric(text),
                stocksync._as_timestamptz(text, text), stocksync._key_problems(),
                stocksync._movement_problems(boolean), stocksync._product_problems(),
                stocksync._read_movements(), stocksync._as_ranges(bigint[]),
                stocksync._record_import(text, text, timestamptz, jsonb),
                stocksync._record_import(text, text, timestamptz, jsonb, int8multirange)'),
            -- The reports.
            ('stocksync_auditor', 'execute on function
                stocksync.report_movers(text, text, boolean, bigint), stocksync.report_stock(text,
                numeric, bigint), stocksync.report_trends(text, text), stocksync._shop_day()'),
            ('stocksync_auditor', 'execute on function
                stocksync.not_valued(text), stocksync.report_value(timestamptz, text, timestamptz,
                text), stocksync._value_by_average(timestamptz, bigint[]),
                stocksync._value_by_batch(timestamptz, bigint[]),
                stocksync._value_by_fifo(timestamptz, bigint[]),
                stocksync._value_events(timestamptz, bigint[])'),
            -- The queue and the schedule.
            ('stocksync_auditor', 'execute on function
                stocksync.list_jobs(text, bigint), stocksync.list_schedules(),
                stocksync.show_job(bigint)'),
            ('stocksync_operator', 'execute on procedure stocksync.run_job(bigint, text)'),
            ('stocksync_operator', 'execute on function
                stocksync.cancel_job(bigint), stocksync.enqueue(text, bigint, timestamptz,
                boolean, timestamptz), stocksync.enqueue_scheduled(text, timestamptz),
                stocksync.fail_job(bigint, bigint, text, text), stocksync.reap_jobs(interval,
                interval), stocksync.release_job(bigint, bigint), stocksync.retry_failed_jobs(),
                stocksync.retry_job(bigint), stocksync.tick(text), stocksync.use_job_timeout(),
                stocksync._finish_job(bigint, bigint, bigint), stocksync._reject_schedule(text,
                text), stocksync._take_job(text)'),
            -- The log, and who keeps the schedule.
            ('stocksync_auditor', 'execute on function
                stocksync.follow_log(jsonb), stocksync.pg_cron_statements(text),
                stocksync.read_log(text, bigint, text, timestamptz, bigint, bigint),
                stocksync.schedule_status()'),
            -- Alerts, doctor, metrics.
            ('stocksync_auditor', 'execute on function
                stocksync.alert_conditions(timestamptz), stocksync.metrics(),
                stocksync.read_alerts(boolean), stocksync._doctor_alerts(),
                stocksync._doctor_objects(), stocksync._doctor_operation(),
                stocksync._doctor_privileges(), stocksync._doctor_schedule(),
                stocksync._doctor_server(), stocksync._live_grants()'),
            ('stocksync_operator', 'execute on function
                stocksync.alerts_sent(text, bigint, text, interval, timestamptz),
                stocksync.raise_alerts(timestamptz), stocksync.take_alerts(text, timestamptz)')
        ) as g (role, what)
    loop
        if not v_role = any (v_missing) then
            -- A membership is a row of the whole server: granting it again could collide with
            -- another database that does the same.
            if v_grant like 'stocksync\_%' and pg_has_role(v_role, v_grant, 'member') then
                continue;
            end if;
            execute format('grant %s to %I', v_grant, v_role);
        end if;
    end loop;
    -- 4. What is left for somebody who may create roles.
    return query
    select format('create role %I nologin;', m.role) from unnest(v_missing) as m (role);
end;
$$;
COMMENT ON FUNCTION stocksync.grant_roles() IS 'Creates the roles stocksync_app, stocksync_auditor and stocksync_operator where that is allowed and grants each what it may do. Returns the statements that somebody with CREATEROLE must run first, then "stocksync migrate" again; nothing if all is done.';
CREATE FUNCTION stocksync.import_balances(p_file text, p_from timestamp with time zone) RETURNS TABLE(snapshot_id bigint, balances bigint, problems bigint)
    LANGUAGE plpgsql
    SET jit TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;
COMMENT ON FUNCTION stocksync.import_balances(p_file text, p_from timestamp with time zone) IS 'Keeps the balances in stocksync_import (sku or product_id, quantity, and location or location_id where there are places) as a snapshot of just before p_from and returns its number, for stocksync.restore(), how many they are, and how many problems there are: if any, nothing was done, and stocksync.import_problems(''balances'') tells them. What is not in the file is left as it is by a restore. p_file is the name for the record. Raises invalid_parameter_value for a time in the future.';
CREATE FUNCTION stocksync.import_columns(p_kind text) RETURNS TABLE(column_name text, required_as text, refused_because text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select c.column_name, c.required_as, c.refused_because
    from (
        values
        ('products', 'sku', 'sku', null),
        ('products', 'name', 'name', null),
        ('products', 'status', null, null),
        ('products', 'is_deleted', null, null),
        ('products', 'allow_negative', null, null),
        ('products', 'reorder_point', null, null),
        ('products', 'unit_cost', null, null),
        ('products', 'tracks_batches', null, null),
        ('products', 'batch_strategy', null, null),
        ('products', 'id', null, 'The database numbers products: leave it out.'),
        ('products', 'quantity_on_hand', null,
            'It is derived: leave it out, and import a movement of type opening_stock for each product.'),
        ('products', 'total_stock', null,
            'It is derived: leave it out, and import a movement of type opening_stock for each product.'),
        ('movements', 'sku', 'product', null),
        ('movements', 'product_id', 'product', null),
        ('movements', 'transaction_type', 'transaction_type', null),
        ('movements', 'quantity', 'quantity', null),
        ('movements', 'occurred_at', null, null),
        ('movements', 'location', null, null),
        ('movements', 'location_id', null, null),
        ('movements', 'movement_type', null, null),
        ('movements', 'unit_cost', null, null),
        ('movements', 'reference', null, null),
        ('movements', 'idempotency_key', null, null),
        ('movements', 'user_id', null, null),
        ('movements', 'notes', null, null),
        ('movements', 'metadata', null, null),
        ('movements', 'batch_number', null, null),
        ('movements', 'expiry_date', null, null),
        ('movements', 'id', null, 'The database numbers movements: leave it out.'),
        ('movements', 'recorded_at', null, 'It is when the database was told: leave it out.'),
        ('movements', 'reverses_id', null,
            'Take a movement back with stocksync.reverse_movement().'),
        ('movements', 'batch_id', null, 'The database numbers batches: say the batch_number.'),
        ('counts', 'sku', 'product', null),
        ('counts', 'product_id', 'product', null),
        ('counts', 'quantity', 'quantity', null),
        ('counts', 'counted_at', null, null),
        ('counts', 'location', null, null),
        ('counts', 'location_id', null, null),
        ('counts', 'user_id', null, null),
        ('counts', 'batch_number', null, null),
        ('counts', 'notes', null, null),
        ('counts', 'id', null, 'The database numbers counts: leave it out.'),
        ('counts', 'expected', null, 'It is what the ledger says: leave it out.'),
        ('counts', 'balance', null, 'It is what the ledger says: leave it out.'),
        ('counts', 'recorded_at', null, 'It is when the database was told: leave it out.'),
        ('counts', 'recorded_by', null, 'It is who tells the database: leave it out.'),
        ('counts', 'run_id', null, 'It is this import: leave it out.'),
        ('counts', 'batch_id', null, 'The database numbers batches: say the batch_number.'),
        ('balances', 'sku', 'product', null),
        ('balances', 'product_id', 'product', null),
        ('balances', 'quantity', 'quantity', null),
        ('balances', 'location', null, null),
        ('balances', 'location_id', null, null)
    ) as c (kind, column_name, required_as, refused_because)
    where c.kind = p_kind;
$$;
COMMENT ON FUNCTION stocksync.import_columns(p_kind text) IS 'The columns that a file of "products", "movements", "counts" or "balances" may have. Of those with the same required_as there must be one; null is optional. A column with refused_because cannot be imported.';
CREATE FUNCTION stocksync.import_counts(p_file text DEFAULT NULL::text) RETURNS TABLE(counted bigint, corrected bigint, equal bigint, moved_since bigint, problems bigint)
    LANGUAGE plpgsql
    SET jit TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_started_at constant timestamptz := clock_timestamp();
    v_counts stocksync.counts[];
begin
    -- 1. One import at a time, as of movements.
    perform pg_advisory_xact_lock(stocksync._lock_key('import'));
    counted := 0;
    corrected := 0;
    equal := 0;
    moved_since := 0;
    -- 2. All or nothing.
    select count(*) into problems from stocksync.import_problems('counts');
    if problems > 0 then
        return next;
        return;
    end if;
    -- 3. The counts, in the order of the file.
    select array_agg(row(
        null, s.product_id, s.location_id, s.counted_at, s.quantity, null, null, null, null, null,
        s.user_id, s.notes, s.batch_id
    )::stocksync.counts order by s.line)
    into v_counts
    from pg_temp.stocksync_import_counts as s;
    select i.counted, i.corrected, i.equal, i.moved_since
    into counted, corrected, equal, moved_since
    from stocksync._import_counts(coalesce(v_counts, '{}'), p_file, v_started_at) as i;
    return next;
end;
$$;
COMMENT ON FUNCTION stocksync.import_counts(p_file text) IS 'Records the counts in stocksync_import as stocksync.record_count() does and returns how many, how many of them differed from the stock and were corrected, how many were equal, of how many the stock has moved since they were counted, and how many problems there are: if any, nothing was done, and stocksync.import_problems() tells them. A line with batch_number is of that batch; one without counted_at is of now; a day alone is its end. p_file is the name for the log. Raises as stocksync.record_count() does.';
CREATE FUNCTION stocksync.import_movements(p_file text DEFAULT NULL::text, p_create_products boolean DEFAULT false) RETURNS TABLE(inserted bigint, already bigint, products_created bigint, problems bigint)
    LANGUAGE plpgsql
    SET jit TO 'off'
    SET work_mem TO '64MB'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_started_at constant timestamptz := clock_timestamp();
    v_ids int8multirange;
begin
    inserted := 0;
    already := 0;
    products_created := 0;
    -- 1. Two imports of the same keys in another order would deadlock. The second waits, and then
    -- finds the movements of the first.
    perform pg_advisory_xact_lock(stocksync._lock_key('import'));
    -- 2. All or nothing.
    select count(*) into problems
    from stocksync.import_problems('movements', p_create_products);
    if problems > 0 then
        return next;
        return;
    end if;
    -- 3. The products, in one order, in which two sessions that create them do not deadlock.
    if p_create_products then
        insert into public.products (sku, name)
        select s.sku, s.sku
        from pg_temp.stocksync_import_movements as s
        where s.product_id is null
        group by s.sku
        order by s.sku
        on conflict (sku) do nothing;
        get diagnostics products_created = row_count;
        update pg_temp.stocksync_import_movements as s
        set product_id = p.id
        from public.products as p
        where s.product_id is null and p.sku = s.sku;
    end if;
    -- 4. The movements, with their direction: left out, a trigger would look it up row by row.
    with booked as (
        insert into public.stock_movements (
            product_id, location_id, movement_type, transaction_type, quantity, occurred_at,
            unit_cost, reference, idempotency_key, user_id, notes, metadata, batch_number,
            expiry_date
        )
        select s.product_id, s.location_id, s.direction, s.transaction_type, s.quantity,
            coalesce(s.occurred_at, now()), s.unit_cost, s.reference, s.idempotency_key,
            s.user_id, s.notes, s.metadata, s.batch_number, s.expiry_date
        from pg_temp.stocksync_import_movements as s
        where not exists (
            select from stocksync.archived_keys as k where k.idempotency_key = s.idempotency_key
        )
        order by s.line
        on conflict (idempotency_key) where idempotency_key is not null do nothing
        returning id
    )
    select r.movements, r.movement_ids into inserted, v_ids
    from stocksync._as_ranges((select array_agg(b.id) from booked as b)) as r;
    already := (select count(*) from pg_temp.stocksync_import) - inserted;
    -- 5. An application may have used one of the keys since step 2.
    if already > 0 and exists (select from stocksync._key_problems()) then
        raise exception 'an idempotency key of the file was used by another session meanwhile'
            using errcode = 'serialization_failure', hint = 'Run the import again.';
    end if;
    perform stocksync._record_import(
        'movements', p_file, v_started_at,
        jsonb_build_object(
            'inserted', inserted, 'already', already, 'products_created', products_created
        ),
        v_ids
    );
    return next;
end;
$$;
COMMENT ON FUNCTION stocksync.import_movements(p_file text, p_create_products boolean) IS 'Books the movements in stocksync_import and returns how many, how many were booked already (same idempotency key, same content), how many products were created, and how many problems there are: if any, nothing was done, and stocksync.import_problems() tells them. p_file is the name for the log. p_create_products creates unknown skus, with the sku as name. Raises SS001 at commit where the stock may not fall below zero.';
CREATE FUNCTION stocksync.import_problems(p_kind text, p_create_products boolean DEFAULT false) RETURNS TABLE(line bigint, column_name text, value text, problem text)
    LANGUAGE plpgsql
    SET jit TO 'off'
    SET work_mem TO '64MB'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if p_kind = 'products' then
        return query
        select p.line, p.column_name, p.value, p.problem
        from stocksync._product_problems() as p
        order by p.line;
        return;
    elsif p_kind in ('counts', 'balances') then
        perform stocksync._read_counts();
        return query
        select p.line, p.column_name, p.value, p.problem
        from stocksync._count_problems(p_may_be_negative => p_kind = 'balances') as p
        order by p.line;
        return;
    end if;
    perform stocksync._read_movements();
    return query
    with of_line as materialized (
        select m.line, m.column_name, m.value, m.problem
        from stocksync._movement_problems(p_create_products) as m
    )
    select o.line, o.column_name, o.value, o.problem
    from of_line as o
    union all
    -- a line that is wrong by itself cannot be compared
    select k.line, k.column_name, k.value, k.problem
    from stocksync._key_problems() as k
    where k.line not in (select o.line from of_line as o)
    order by 1;
end;
$$;
COMMENT ON FUNCTION stocksync.import_problems(p_kind text, p_create_products boolean) IS 'Why the "products", "movements", "counts" or "balances" in stocksync_import cannot be imported: one row for each bad value, by line; none if all is well. column_name and value are null where the line could not be read. With p_create_products an unknown sku is no problem. Raises undefined_table before stocksync.stage_import().';
CREATE FUNCTION stocksync.import_products(p_file text DEFAULT NULL::text, p_update boolean DEFAULT false) RETURNS TABLE(inserted bigint, updated bigint, already bigint, differing bigint, problems bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_started_at constant timestamptz := clock_timestamp();
    v_differing bigint[];
begin
    -- 1. One import at a time: the second finds the products of the first.
    perform pg_advisory_xact_lock(stocksync._lock_key('import'));
    -- 2. All or nothing.
    inserted := 0;
    updated := 0;
    already := 0;
    differing := 0;
    select count(*) into problems from stocksync.import_problems('products');
    if problems > 0 then
        return next;
        return;
    end if;
    -- 3. New products. The words are the defaults of the table, which nulls would override.
    insert into public.products
        (sku, name, status, is_deleted, allow_negative, reorder_point, unit_cost, tracks_batches,
         batch_strategy)
    select s.sku, s.name, coalesce(s.status, 'active'),
        coalesce(stocksync._as_boolean(s.is_deleted), false),
        stocksync._as_boolean(s.allow_negative),
        stocksync._as_numeric(s.reorder_point),
        stocksync._as_numeric(s.unit_cost),
        coalesce(stocksync._as_boolean(s.tracks_batches), false),
        coalesce(s.batch_strategy, 'fefo')
    from pg_temp.stocksync_import as s
    order by s.sku
    on conflict (sku) do nothing;
    get diagnostics inserted = row_count;
    -- 4. Products that differ in what the file says; an empty cell says nothing.
    select array_agg(p.id) into v_differing
    from pg_temp.stocksync_import as s
    join public.products as p on p.sku = s.sku
    where s.name <> p.name
        or s.status <> p.status
        or stocksync._as_boolean(s.is_deleted) <> p.is_deleted
        or (s.allow_negative is not null
            and stocksync._as_boolean(s.allow_negative) is distinct from p.allow_negative)
        or (s.reorder_point is not null
            and stocksync._as_numeric(s.reorder_point) is distinct from p.reorder_point)
        or (s.unit_cost is not null
            and stocksync._as_numeric(s.unit_cost) is distinct from p.unit_cost)
        or stocksync._as_boolean(s.tracks_batches) <> p.tracks_batches
        or s.batch_strategy <> p.batch_strategy;
    if p_update then
        perform stocksync.lock_products(v_differing);
        update public.products as p
        set name = s.name,
            status = coalesce(s.status, p.status),
            is_deleted = coalesce(stocksync._as_boolean(s.is_deleted), p.is_deleted),
            allow_negative = coalesce(stocksync._as_boolean(s.allow_negative), p.allow_negative),
            reorder_point = coalesce(stocksync._as_numeric(s.reorder_point), p.reorder_point),
            unit_cost = coalesce(stocksync._as_numeric(s.unit_cost), p.unit_cost),
            tracks_batches = coalesce(stocksync._as_boolean(s.tracks_batches), p.tracks_batches),
            batch_strategy = coalesce(s.batch_strategy, p.batch_strategy)
        from pg_temp.stocksync_import as s
        where p.id = any (v_differing) and s.sku = p.sku;
        get diagnostics updated = row_count;
    else
        differing := coalesce(cardinality(v_differing), 0);
    end if;
    already := (select count(*) from pg_temp.stocksync_import) - inserted - updated - differing;
    perform stocksync._record_import(
        'products', p_file, v_started_at,
        jsonb_build_object(
            'inserted', inserted, 'updated', updated, 'already', already, 'differing', differing
        )
    );
    return next;
end;
$$;
COMMENT ON FUNCTION stocksync.import_products(p_file text, p_update boolean) IS 'Creates the products in stocksync_import and returns how many, how many were updated, how many were there already with the same values, how many with other values (left alone unless p_update), and how many problems there are: if any, nothing was done, and stocksync.import_problems() tells them. Empty cells are defaults for a new product and change nothing of one that is there. p_file is the name for the log.';
CREATE FUNCTION stocksync.list_archives() RETURNS TABLE(archive_id bigint, closed_through date, movements bigint, file text, sha256 text, archived_at timestamp with time zone, archived_by text, restored_at timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select a.id, c.closed_through, a.movements, a.file, a.sha256, a.archived_at, a.archived_by,
        a.restored_at
    from stocksync.archives as a
    join stocksync.closings as c on c.id = a.closing_id
    order by a.id desc;
$$;
COMMENT ON FUNCTION stocksync.list_archives() IS 'Every archive, the last first: the closing, how many movements went into which file, the checksum of that file before it was packed, who did it when, and when it was put back (null: not yet).';
CREATE FUNCTION stocksync.list_batches(p_sku text DEFAULT NULL::text, p_expiring_days integer DEFAULT NULL::integer, p_expired boolean DEFAULT false, p_all boolean DEFAULT false) RETURNS TABLE(batch_id bigint, sku text, name text, batch_number text, location text, remaining numeric, received numeric, cost_price numeric, expiry_date date, days_left integer, state text, received_at timestamp with time zone)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_custom_plan'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_product_id constant bigint := stocksync.product_id(p_sku);
    v_today constant date := stocksync._shop_day();
begin
    if p_expiring_days < 0 then
        raise exception '% days are in the past', p_expiring_days
            using errcode = 'invalid_parameter_value',
                  hint = 'Ask for expired batches, or for those that expire within zero days or more.';
    end if;
    return query
    select b.id, p.sku, p.name, b.batch_number, l.name,
        trim_scale(b.quantity_remaining), trim_scale(b.quantity_received), b.cost_price,
        b.expiry_date, b.expiry_date - v_today, s.state, b.received_at
    from public.stock_batches as b
    join public.products as p on p.id = b.product_id
    left join public.locations as l on l.id = b.location_id
    cross join lateral (
        select case
            when b.status <> 'active' then b.status
            when not b.is_open then 'exhausted'
            when b.expiry_date < v_today then 'expired'
            else 'available'
        end as state
    ) as s
    where (v_product_id is null or b.product_id = v_product_id)
        and (p_all or b.is_open and b.status <> 'retired')
        and (
            p_expiring_days is null and not p_expired
            or b.expiry_date < v_today and p_expired
            or b.expiry_date between v_today and v_today + p_expiring_days
        )
    order by
        -- whoever asks for dates looks for the most urgent
        case when p_expiring_days is not null or p_expired then b.expiry_date end,
        p.sku, l.name nulls first,
        array_position('{available,expired,quarantined,exhausted,retired}', s.state),
        case p.batch_strategy when 'fefo' then b.expiry_date end nulls last,
        case p.batch_strategy when 'lifo' then b.received_at end desc nulls last,
        b.received_at,
        case p.batch_strategy when 'lifo' then -b.id else b.id end;
end;
$$;
COMMENT ON FUNCTION stocksync.list_batches(p_sku text, p_expiring_days integer, p_expired boolean, p_all boolean) IS 'The batches with something left, of one product or of all, product by product and place by place in the order in which they are taken. p_expiring_days: only those that expire within so many days; p_expired: only those that have; with either the most urgent first. p_all: exhausted and retired ones too. remaining and received in units, cost_price of one, days_left until the last day of sale, below zero after it; state is "available", "expired", "quarantined", "exhausted" or "retired". Raises no_data_found for an unknown sku, invalid_parameter_value for days below zero.';
CREATE FUNCTION stocksync.list_closings() RETURNS TABLE(closed_through date, state text, closed_at timestamp with time zone, closed_by text, balances bigint, archived bigint, reopened_at timestamp with time zone, reopened_by text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        c.closed_through,
        case
            when c.reopened_at is not null then 'reopened'
            when c.closed_at is null then 'waits for writers'
            else 'closed'
        end,
        c.closed_at,
        c.closed_by,
        (select count(*) from stocksync.snapshot_balances as b where b.snapshot_id = c.snapshot_id),
        (
            select sum(a.movements)::bigint
            from stocksync.archives as a
            where a.closing_id = c.id and a.restored_at is null
        ),
        c.reopened_at,
        c.reopened_by
    from stocksync.closings as c
    order by c.id desc;
$$;
COMMENT ON FUNCTION stocksync.list_closings() IS 'Every closing, the last first: its last day, whether it holds ("closed", "waits for writers", "reopened"), how many balances it keeps, how many of its movements are archived (null: none), and who did it when.';
CREATE FUNCTION stocksync.list_jobs(p_state text DEFAULT NULL::text, p_limit bigint DEFAULT 50) RETURNS TABLE(id bigint, subject text, state text, attempts bigint, run_at timestamp with time zone, started_at timestamp with time zone, finished_at timestamp with time zone, error text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select j.id, j.subject, j.state, j.attempts, j.run_at, j.started_at, j.finished_at, j.error
    from stocksync.jobs as j
    where p_state is null or j.state = p_state
    order by
        array_position(array['failed', 'running', 'queued'], j.state),
        case when j.state = 'queued' then j.run_at end,
        coalesce(j.finished_at, j.started_at) desc,
        j.id
    limit p_limit;
$$;
COMMENT ON FUNCTION stocksync.list_jobs(p_state text, p_limit bigint) IS 'The jobs: failed, running, queued in the order in which they are due, then the others, newest first. p_state: only "queued", "running", "done", "failed", "cancelled" or "merged". p_limit: no more than so many; null: all.';
CREATE FUNCTION stocksync.list_schedules() RETURNS TABLE(task text, cron text, is_enabled boolean, last_due_at timestamp with time zone, time_zone text, asked_at timestamp with time zone)
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select c.task, c.cron, c.is_enabled, c.last_due_at, s.time_zone, clock_timestamp()
    from stocksync.schedules as c
    cross join stocksync.settings as s
    order by c.task;
$$;
COMMENT ON FUNCTION stocksync.list_schedules() IS 'What runs when: the rows of stocksync.schedules, the time zone they are meant in, and the time by the server''s clock.';
CREATE FUNCTION stocksync.list_snapshots() RETURNS TABLE(snapshot_id bigint, at timestamp with time zone, known_at timestamp with time zone, taken_by text, note text, balances bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select s.id, s.at, s.known_at, s.taken_by, s.note,
        (select count(*) from stocksync.snapshot_balances as b where b.snapshot_id = s.id)
    from stocksync.snapshots as s
    where not exists (select from stocksync.closings as c where c.snapshot_id = s.id)
    order by s.id desc;
$$;
COMMENT ON FUNCTION stocksync.list_snapshots() IS 'Every snapshot that does not belong to a closing, the last first: of which time, what was known when, by whom and why, and how many balances it holds.';
CREATE FUNCTION stocksync.live_object() RETURNS TABLE(kind text, identity text, md5 text, path text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with relation as (
        select
            c.oid,
            c.relkind,
            c.relname,
            format('%I.%I', n.nspname, c.relname) as identity,
            case c.relkind
                when 'v' then 'views/' || c.relname || '.sql'
                when 'm' then 'materialized_views/' || c.relname || '.sql'
            end as path,
            concat_ws(
                ' ', c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
                case when c.relkind in ('v', 'm') then c.reloptions::text end,
                case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end
            ) as definition
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'f', 'c', 'v', 'm')
            and (
                -- yoyo's tables are yoyo's to change
                (n.nspname = 'stocksync' and c.relname !~ '^_?yoyo_')
                or (
                    n.nspname = 'public'
                    and (
                        c.relname in (
                            'products', 'stock_movements', 'transaction_types', 'locations',
                            'stock_batches', 'batch_receipts', 'batch_consumptions'
                        )
                        or exists (
                            select
                            from stocksync.deployed_file as f
                            where f.path in (
                                'views/' || c.relname || '.sql',
                                'materialized_views/' || c.relname || '.sql'
                            )
                        )
                    )
                )
            )
    ),
    object (kind, identity, definition, path) as (
        select
            case r.relkind
                when 'v' then 'view'
                when 'm' then 'materialized view'
                when 'c' then 'type'
                else 'table'
            end,
            r.identity,
            r.definition,
            r.path
        from relation as r
        union all
        select
            'column',
            format('%s.%I', r.identity, a.attname),
            concat_ws(
                ' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                a.attgenerated, nullif(a.attcollation, 0)::regcollation,
                pg_get_expr(d.adbin, d.adrelid)
            ),
            null
        from relation as r
        join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where r.relkind in ('r', 'p', 'f', 'c')
        union all
        select
            'constraint',
            format('%I on %s', o.conname, r.identity),
            -- "disable trigger all" silences a foreign key and leaves its definition as it was
            concat_ws(' ', pg_get_constraintdef(o.oid), exists (
                select from pg_trigger as t where t.tgconstraint = o.oid and t.tgenabled <> 'O'
            )),
            null
        from relation as r
        join pg_constraint as o on o.conrelid = r.oid
        -- not null is told by the column (18 has constraints for it, 15 has not), t by the trigger
        where o.contype not in ('n', 't')
        union all
        select
            'index',
            i.indexrelid::regclass::text,
            concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid),
            r.path
        from relation as r
        join pg_index as i on i.indrelid = r.oid
        union all
        select
            'trigger',
            format('%I on %s', t.tgname, r.identity),
            concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled),
            format(
                'triggers/%s.sql',
                case
                    when p.proname like 'tg\_%' then substr(p.proname, 4)
                    else r.relname || '__' || regexp_replace(t.tgname, '^_[0-9]+_', '')
                end
            )
        from relation as r
        join pg_trigger as t on t.tgrelid = r.oid and not t.tgisinternal
        join pg_proc as p on p.oid = t.tgfoid
        union all
        select
            'rule',
            format('%I on %s', w.rulename, r.identity),
            concat_ws(' ', pg_get_ruledef(w.oid), w.ev_enabled),
            null
        from relation as r
        join pg_rewrite as w on w.ev_class = r.oid and w.rulename <> '_RETURN'
        union all
        select f.kind, f.identity, f.definition, f.path
        from (
            select
                n.nspname,
                case when p.prokind = 'p' then 'procedure' else 'function' end as kind,
                p.oid::regprocedure::text as identity,
                -- pg_get_functiondef refuses aggregates
                case when p.prokind = 'a' then '' else pg_get_functiondef(p.oid) end as definition,
                case
                    when p.proname like 'tg\_%' then 'triggers/' || substr(p.proname, 4)
                    when p.prokind = 'p' then 'procedures/' || p.proname
                    else 'functions/' || p.proname
                end || '.sql' as path
            from pg_proc as p
            join pg_namespace as n on n.oid = p.pronamespace
            where n.nspname in ('stocksync', 'public')
        ) as f
        where f.nspname = 'stocksync'
            or exists (select from stocksync.deployed_file as d where d.path = f.path)
    )
    select o.kind, o.identity, pg_catalog.md5(o.definition), o.path
    from object as o
$$;
COMMENT ON FUNCTION stocksync.live_object() IS 'Every table, column, constraint, index, trigger, rule, view, function and procedure of stocksync as it is now: kind, qualified name, md5 of its definition, and the file under sql/ that makes it (null for what migrations make). Tables of your own in public are not listed; what is added to ours is.';
CREATE FUNCTION stocksync.location_id(p_name text) RETURNS bigint
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_id bigint;
begin
    select l.id into v_id from public.locations as l where l.name = p_name;
    if not found then
        raise exception 'unknown location "%"', p_name
            using errcode = 'no_data_found',
                  hint = 'Names are case-sensitive. List them with: select name from locations.';
    end if;
    return v_id;
end;
$$;
COMMENT ON FUNCTION stocksync.location_id(p_name text) IS 'The number of the location with this name. Raises no_data_found if there is none; null for null.';
CREATE FUNCTION stocksync.lock_products(p_product_ids bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform from public.products as p
    where p.id = any (p_product_ids)
    order by p.id
    for no key update;
end;
$$;
COMMENT ON FUNCTION stocksync.lock_products(p_product_ids bigint[]) IS 'Locks these products until the end of the transaction, in the order in which stock is settled. For transactions that update products before they insert movements; needs the right to update products.';
CREATE FUNCTION stocksync.metrics() RETURNS TABLE(name text, type text, help text, labels jsonb, value numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        'stocksync_info', 'gauge', 'Always 1; the version of stocksync is a label.',
        jsonb_build_object('version', i.version), 1::numeric
    from stocksync.installation as i
    union all
    select m.name, 'gauge', m.help, '{}', m.value
    from (
        select count(*) as products,
            count(*) filter (where p.quantity_on_hand < 0) as negative
        from stocksync._stock as p
        where not p.is_deleted
    ) as p
    cross join lateral (
        values
        ('stocksync_products', 'Products that are not deleted.', p.products),
        ('stocksync_negative_products', 'Those of them whose stock is below zero.', p.negative)
    ) as m (name, help, value)
    union all
    select m.name, 'gauge', m.help, '{}', m.value
    from (
        select count(*) filter (where b.expiry_date < y.today) as expired,
            count(*) filter (where b.expiry_date >= y.today and b.status = 'active') as expiring
        from stocksync.settings as s
        cross join (select stocksync._shop_day() as today) as y
        join public.stock_batches as b on b.expiry_date <= y.today + s.expiring_days
        where b.is_open and b.status <> 'retired'
    ) as e
    cross join lateral (
        values
        ('stocksync_expired_batches', 'Batches past their date with something left.', e.expired),
        (
            'stocksync_expiring_batches', 'Batches that expire within settings.expiring_days.',
            e.expiring
        )
    ) as m (name, help, value)
    union all
    select
        'stocksync_movements', 'gauge',
        'Movements in the ledger. Not a counter: somebody privileged may delete some.',
        '{}', coalesce((select sum(t.movements) from stocksync.stock_total as t), 0) + j.movements
    from (
        select coalesce(sum(l.movements), 0) as movements
        from stocksync._journal as w
        cross join unnest(w.lines) as l
    ) as j
    union all
    select
        'stocksync_journal_rows', 'gauge', 'Transactions that are not yet rolled up.',
        '{}', count(*)
    from stocksync._journal as w
    union all
    select m.name, 'gauge', m.help, '{}', m.value
    from (
        select count(*) as rows, min(d.queued_at) as oldest_at from stocksync._pending as d
    ) as q
    cross join lateral (
        values
        (
            'stocksync_pending_rows', 'Changes of stock that wait for a busy product.', q.rows
        ),
        (
            'stocksync_pending_oldest_seconds', 'For how long the oldest of them has waited.',
            coalesce(extract(epoch from clock_timestamp() - q.oldest_at), 0)
        )
    ) as m (name, help, value)
    union all
    select
        'stocksync_refresh_age_seconds', 'gauge',
        'Since the last refresh that was completed; without one, since stocksync was deployed.',
        '{}',
        extract(epoch from clock_timestamp() - coalesce(r.finished_at, i.deployed_at))
    from stocksync.installation as i
    left join stocksync._last_run as r on r.command = 'refresh'
    union all
    select m.name, 'gauge', m.help, jsonb_build_object('command', r.command), m.value
    from stocksync._last_run as l
    join stocksync.runs as r on r.id = l.run_id
    cross join lateral (
        values
        (
            'stocksync_discrepancies', 'Products that the last run found wrong.',
            greatest(r.products_found, r.products_corrected + r.products_failed)
        ),
        (
            'stocksync_last_run_duration_seconds', 'What the last run took.',
            extract(epoch from r.finished_at - r.started_at)
        ),
        (
            'stocksync_last_run_timestamp_seconds', 'When the last run ended.',
            extract(epoch from r.finished_at)
        )
    ) as m (name, help, value)
    union all
    select
        'stocksync_jobs', 'gauge', 'Jobs by state; those that have ended as long as they are kept.',
        jsonb_build_object('state', s.state), count(j.id)
    from unnest(array['queued', 'running', 'done', 'failed', 'cancelled', 'merged']) as s (state)
    left join stocksync.jobs as j on j.state = s.state
    group by s.state
    union all
    select
        'stocksync_alerts', 'gauge', 'Open alerts by rule.',
        jsonb_build_object('rule', r.rule), count(a.id)
    from stocksync.settings as s
    cross join unnest(s.alert_rules) as r (rule)
    left join stocksync.alerts as a on a.rule = r.rule and a.resolved_at is null
    group by r.rule
    union all
    select
        'stocksync_alert_failures', 'gauge',
        'Failed messages of a channel since its last one that was sent.',
        jsonb_build_object('channel', c.channel), c.failures
    from stocksync.alert_channels as c
    order by 1, 4
$$;
COMMENT ON FUNCTION stocksync.metrics() IS 'Figures for Prometheus and others, a row per metric and labels: name, type, what it means, labels, value. Reads products, open batches, totals, journal and what is open; never the movements.';
CREATE FUNCTION stocksync.moment(p_text text) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    v_at constant timestamptz := stocksync._as_timestamptz(p_text, v_zone);
begin
    if v_at is null then
        raise exception '"%" is not a time', p_text
            using errcode = 'invalid_datetime_format',
                  hint = 'Write it like 2026-10-31 or 2026-10-31 17:00, in the shop''s time zone, or with an offset: 2026-10-31T17:00:00Z.';
    elsif length(p_text) = 10 then
        return stocksync._day_start(p_text::date + 1) - interval '1 microsecond';
    end if;
    return v_at;
end;
$$;
COMMENT ON FUNCTION stocksync.moment(p_text text) IS 'The time that the text is in ISO 8601, in the shop''s time zone unless it has an offset; a day alone, like "2026-10-31", is its last instant. Raises invalid_datetime_format for any other text; null for null.';
CREATE FUNCTION stocksync.movements(p_sku text, p_limit bigint DEFAULT NULL::bigint) RETURNS TABLE(movement_id bigint, occurred_at timestamp with time zone, transaction_type text, quantity numeric, location text, batch text, reference text, reverses_id bigint, user_id text, notes text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select m.id, m.occurred_at, m.transaction_type,
        trim_scale(case m.movement_type when 'in' then m.quantity else -m.quantity end),
        l.name,
        (
            select string_agg(distinct b.batch_number, ', ' order by b.batch_number)
            from stocksync._movement_batches(m.id) as d
            join public.stock_batches as b on b.id = d.batch_id
        ),
        m.reference, m.reverses_id, m.user_id, m.notes
    from public.stock_movements as m
    left join public.locations as l on l.id = m.location_id
    where m.product_id = stocksync.product_id(p_sku)
    order by m.occurred_at desc, m.id desc
    limit p_limit;
$$;
COMMENT ON FUNCTION stocksync.movements(p_sku text, p_limit bigint) IS 'The movements of a product, newest first, at most p_limit of them (null: all). quantity is signed: in is positive. batch is what is printed on the batches that it brought or took, null where none. Raises no_data_found for an unknown sku.';
CREATE FUNCTION stocksync.negative_in_past(p_product_ids bigint[] DEFAULT NULL::bigint[]) RETURNS TABLE(product_id bigint, sku text, name text, first_at timestamp with time zone, lowest numeric, lowest_at timestamp with time zone, quantity_now numeric)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_custom_plan'
    SET jit TO 'off'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    v_from timestamptz;
    v_first_day date;
begin
    select c.closed_before into v_from
    from stocksync.closings as c
    where c.closed_at is not null and c.reopened_at is null
    order by c.closed_before desc
    limit 1;
    v_from := coalesce(v_from, '-infinity');
    v_first_day := (v_from at time zone v_zone)::date;
    return query
    with base as (
        select b.product_id, sum(b.quantity) as quantity
        from stocksync._stock_at(
            p_product_ids,
            case when isfinite(v_from) then v_from - interval '1 microsecond' else v_from end,
            null
        ) as b
        group by b.product_id
    ),
    day as (
        -- the day that the zone may have cut short counts whole: this only says where to look
        select t.product_id, t.day, sum(t.quantity) as net,
            coalesce(sum(t.quantity) filter (where t.quantity < 0), 0) as gone
        from (
            select d.product_id, d.day, d.quantity
            from stocksync.stock_daily as d
            where d.day > v_first_day
                and (p_product_ids is null or d.product_id = any (p_product_ids))
            union all
            select l.product_id, l.day, l.quantity
            from stocksync._journal as j
            cross join unnest(j.lines) as l
            where l.day > v_first_day
                and (p_product_ids is null or l.product_id = any (p_product_ids))
            union all
            select m.product_id, (m.occurred_at at time zone v_zone)::date,
                case m.movement_type when 'in' then m.quantity else -m.quantity end
            from public.stock_movements as m
            where m.occurred_at >= v_from
                and m.occurred_at < (v_first_day + 2)::timestamp at time zone v_zone
                and (m.occurred_at at time zone v_zone)::date <= v_first_day
                and (p_product_ids is null or m.product_id = any (p_product_ids))
        ) as t
        group by t.product_id, t.day
    ),
    start as (
        select y.product_id, y.day, y.net, y.gone,
            coalesce(b.quantity, 0) + coalesce(sum(y.net) over (
                partition by y.product_id order by y.day
                rows between unbounded preceding and 1 preceding
            ), 0) as quantity
        from day as y
        left join base as b on b.product_id = y.product_id
    ),
    suspect as (
        select s.product_id, s.day, s.quantity
        from start as s
        where s.quantity + s.gone < 0
            -- what was taken back hides within the sum of its type
            or exists (
                select from public.stock_movements as r
                where r.reverses_id is not null
                    and r.product_id = s.product_id
                    and (r.occurred_at at time zone v_zone)::date = s.day
            )
    ),
    moment as (
        select m.product_id, m.occurred_at as at,
            s.quantity + sum(sum(
                case m.movement_type when 'in' then m.quantity else -m.quantity end
            )) over (partition by m.product_id, s.day order by m.occurred_at) as quantity
        from suspect as s
        join public.stock_movements as m
            on m.product_id = s.product_id
            and m.occurred_at >= greatest(
                v_from, (s.day::timestamp at time zone v_zone) - interval '2 hours'
            )
            and m.occurred_at < ((s.day + 1)::timestamp at time zone v_zone) + interval '2 hours'
            and (m.occurred_at at time zone v_zone)::date = s.day
        group by m.product_id, s.day, s.quantity, m.occurred_at
        union all
        -- at the end of what is closed
        select b.product_id, v_from, b.quantity
        from base as b
    ),
    low as (
        select distinct on (o.product_id) o.product_id, o.at, o.quantity,
            min(o.at) over (partition by o.product_id) as first_at
        from moment as o
        where o.quantity < 0
        order by o.product_id, o.quantity, o.at
    )
    select p.id, p.sku, p.name, w.first_at, trim_scale(w.quantity), w.at, h.quantity_on_hand
    from low as w
    join public.products as p on p.id = w.product_id
    join public.stock_on_hand as h on h.product_id = p.id
    order by w.quantity, p.id;
end;
$$;
COMMENT ON FUNCTION stocksync.negative_in_past(p_product_ids bigint[]) IS 'Products, of these or (null) of all, whose stock over all locations was below zero at any time since the last closing, by when movements occurred: when first, how low and when, and what it is now. The lowest first.';
CREATE FUNCTION stocksync.not_valued(p_sku text DEFAULT NULL::text) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select count(*)
    from public.stock_on_hand as h
    join public.products as p on p.id = h.product_id
    where not p.tracks_batches
        and h.quantity_on_hand <> 0
        and (p_sku is null or p.sku = p_sku);
$$;
COMMENT ON FUNCTION stocksync.not_valued(p_sku text) IS 'How many products (of one: p_sku) are in stock and not in stocksync.report_value(), as they do not track batches.';
CREATE FUNCTION stocksync.opening_batches(p_product_ids bigint[] DEFAULT NULL::bigint[]) RETURNS TABLE(product_id bigint, sku text, name text, location_id bigint, location text, quantity numeric, cost_price numeric)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_custom_plan'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    return query
    select p.id, p.sku, p.name, u.location_id, l.name, trim_scale(sum(u.quantity)), p.unit_cost
    from (
        select s.product_id, s.location_id, s.quantity
        from stocksync.stock_by_location as s
        where p_product_ids is null or s.product_id = any (p_product_ids)
        union all
        select b.product_id, b.location_id, -b.quantity_remaining
        from public.stock_batches as b
        where b.is_open
            and b.status <> 'retired'
            and (p_product_ids is null or b.product_id = any (p_product_ids))
    ) as u
    join public.products as p on p.id = u.product_id
    left join public.locations as l on l.id = u.location_id
    -- as stocksync.track_batches() understands all
    where p_product_ids is not null or p.tracks_batches or not p.is_deleted
    group by p.id, p.sku, p.name, u.location_id, l.name, p.unit_cost
    having sum(u.quantity) <> 0
    order by p.sku, l.name nulls first;
end;
$$;
COMMENT ON FUNCTION stocksync.opening_batches(p_product_ids bigint[]) IS 'What is in stock at each place and in no batch, for these products (null: all; of those that are deleted only such as track batches): for a product that does not track batches, the opening batches that it would begin with; for one that does, nothing, or what is wrong. Below zero, the product cannot begin to track batches: count it first.';
CREATE FUNCTION stocksync.pg_cron_statements(p_action text DEFAULT 'install'::text) RETURNS TABLE(task text, database_name text, time_zone text, statement text, note text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    v_is_here constant boolean := exists (
        select from pg_extension as e where e.extname = 'pg_cron'
    );
    -- Neither is shown to everybody; where the extension is, no one needs to be told.
    v_database constant text := case
        when v_is_here then current_database()
        else (select s.setting from pg_settings as s where s.name = 'cron.database_name')
    end;
    v_zone constant text := coalesce(
        (select s.setting from pg_settings as s where s.name = 'cron.timezone'), 'GMT'
    );
begin
    if p_action is null or p_action not in ('install', 'show', 'remove') then
        raise exception 'unknown action "%"', p_action
            using errcode = 'invalid_parameter_value',
                  hint = 'Give one of install, show, remove.';
    elsif p_action = 'show' and not v_is_here
        and (v_database is null or v_database = current_database())
    then
        return;
    elsif v_database is null then
        raise exception 'pg_cron was not found on this server'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Add pg_cron to shared_preload_libraries, restart the server and run "create extension pg_cron". If it runs already, have yourself granted pg_read_all_settings.';
    elsif v_database = current_database() and not v_is_here then
        raise exception 'extension "pg_cron" is not in this database'
            using errcode = 'undefined_object',
                  hint = 'Run "create extension pg_cron".';
    end if;
    return query
    with zone as (
        -- one time of each month: when the clocks of the two differ, and by how much
        select
            coalesce(bool_or(g.at at time zone s.time_zone <> g.at at time zone v_zone), false)
                as differs,
            coalesce(bool_or(extract(
                minute from (g.at at time zone s.time_zone) - (g.at at time zone v_zone)
            ) <> 0), false) as differs_by_minutes
        from stocksync.settings as s
        cross join generate_series(now(), now() + interval '11 months', interval '1 month')
            as g (at)
    )
    select c.task, v_database, v_zone,
        case
            when p_action = 'show' then format(
                'select schedule = %L and command = %L and database = %L and active and %L'
                    ' from cron.job where jobname = %L',
                c.cron, j.command, current_database(), c.is_enabled, j.name
            )
            when p_action = 'remove' or not c.is_enabled then
                format('select cron.unschedule(jobid) from cron.job where jobname = %L', j.name)
            when v_is_here then
                format('select cron.schedule(%L, %L, %L)', j.name, c.cron, j.command)
            else
                format(
                    'select cron.schedule_in_database(%L, %L, %L, %L)',
                    j.name, c.cron, j.command, current_database()
                )
        end,
        case
            when p_action <> 'install' or not c.is_enabled or not z.differs
                or (c.cron ~ '^[^ ]+ \* \* \* \*$' and not z.differs_by_minutes) then null
            else format('pg_cron counts in %s, not in %s.', v_zone, s.time_zone)
        end
    from stocksync.schedules as c
    cross join stocksync.settings as s
    cross join zone as z
    cross join lateral (
        select
            -- the name of a job belongs to the user, whatever its database
            format('stocksync %s of %s', c.task, current_database()) as name,
            format('call stocksync.%s()', c.task) as command
    ) as j
    order by c.task;
end;
$_$;
COMMENT ON FUNCTION stocksync.pg_cron_statements(p_action text) IS 'The statements that make pg_cron run what stocksync.schedules says, to be run in database_name. p_action: "install" (or change, or remove what is not enabled), "remove", or "show", whose statements return one row where the job is there: true if it is as it should be. time_zone is that in which pg_cron counts; note says where that makes a difference. Raises object_not_in_prerequisite_state where the server does not run pg_cron and undefined_object where the extension is missing; "show" then returns nothing.';
CREATE FUNCTION stocksync.product_id(p_sku text) RETURNS bigint
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_id bigint;
begin
    select p.id into v_id from public.products as p where p.sku = p_sku;
    if not found then
        raise exception 'unknown sku "%"', p_sku
            using errcode = 'no_data_found',
                  hint = 'Skus are case-sensitive. List them with "stocksync stock".';
    end if;
    return v_id;
end;
$$;
COMMENT ON FUNCTION stocksync.product_id(p_sku text) IS 'The number of the product with this sku. Raises no_data_found if there is none; null for null.';
CREATE FUNCTION stocksync.quarantine_batch(p_product_id bigint, p_batch_number text, p_lift boolean DEFAULT false, p_reason text DEFAULT NULL::text) RETURNS TABLE(batch_id bigint, location text, remaining numeric, status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_status constant text := case when p_lift then 'active' else 'quarantined' end;
    v_ids bigint[];
    v_changed_ids bigint[];
    v_remaining numeric;
begin
    select array_agg(b.id),
        array_agg(b.id) filter (where b.status <> v_status),
        trim_scale(sum(b.quantity_remaining) filter (where b.status <> v_status))
    into v_ids, v_changed_ids, v_remaining
    from stocksync._batch_numbered(p_product_id, p_batch_number) as b;
    if v_changed_ids is not null then
        insert into stocksync._passes default values;
        update public.stock_batches as b set status = v_status where b.id = any (v_changed_ids);
        delete from stocksync._passes as p where p.xid = pg_current_xact_id();
        perform stocksync._write_log(
            'warning',
            case when p_lift then 'quarantine of a batch lifted' else 'batch quarantined' end,
            p_product_id,
            jsonb_strip_nulls(jsonb_build_object(
                'batch_number', p_batch_number, 'batches', to_jsonb(v_changed_ids),
                'remaining', v_remaining, 'reason', p_reason
            ))
        );
    end if;
    return query
    select b.id, l.name, trim_scale(b.quantity_remaining), b.status
    from public.stock_batches as b
    left join public.locations as l on l.id = b.location_id
    where b.id = any (v_ids)
    order by l.name nulls first, b.id;
end;
$$;
COMMENT ON FUNCTION stocksync.quarantine_batch(p_product_id bigint, p_batch_number text, p_lift boolean, p_reason text) IS 'Keeps all that has this batch number, at every place, from being sold or used; p_lift takes that back. Returns the batches of the number, also those that were so already; a change is logged with its reason (null: none). Waits for whoever is settling the product. What writes off, moves, counts or sends back may still take from them. Raises no_data_found if the product or the number is unknown, or only retired batches have it.';
CREATE FUNCTION stocksync.raise_alerts(p_at timestamp with time zone DEFAULT clock_timestamp()) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_raised bigint;
begin
    -- Every worker calls this; one at a time is enough, and the others have better to do than wait.
    if not pg_try_advisory_xact_lock(stocksync._lock_key('raise_alerts')) then
        return null;
    end if;
    update stocksync.alerts as a
    set resolved_at = p_at
    where a.resolved_at is null
        and not exists (
            select
            from stocksync.alert_conditions(p_at) as c
            where c.rule = a.rule and c.subject = a.subject and c.occurrence = a.occurrence
        );
    with condition as materialized (
        select * from stocksync.alert_conditions(p_at)
    ),
    -- What is open, or was a moment ago; of one subject the last.
    known as (
        select distinct on (u.rule, u.subject) u.*
        from (
            select * from stocksync.alerts as a where a.resolved_at is null
            union all
            select *
            from stocksync.alerts as a
            where a.resolved_at > p_at - (select s.alert_every from stocksync.settings as s)
        ) as u
        order by u.rule, u.subject, u.id desc
    ),
    kept as (
        update stocksync.alerts as a
        set resolved_at = null, level = c.level, message = c.message, context = c.context
        from known as k
        join condition as c
            on c.rule = k.rule and c.subject = k.subject and c.occurrence = k.occurrence
        where a.id = k.id
            and (
                a.resolved_at is not null
                or (a.level, a.message, a.context) is distinct from (c.level, c.message, c.context)
            )
    ),
    raised as (
        insert into stocksync.alerts
            (rule, subject, occurrence, level, message, context, raised_at)
        select c.rule, c.subject, c.occurrence, c.level, c.message, c.context, p_at
        from condition as c
        where not exists (
            select
            from known as k
            where k.rule = c.rule and k.subject = c.subject
                -- One that was open until this moment, with another occurrence, has to be resolved
                -- first: next time.
                and (k.resolved_at is null or k.occurrence = c.occurrence)
        )
        order by c.rule, c.message
        returning 1
    )
    select count(*) into v_raised from raised;
    return v_raised;
end;
$$;
COMMENT ON FUNCTION stocksync.raise_alerts(p_at timestamp with time zone) IS 'Raises an alert for everything that stocksync.alert_conditions(p_at) names and that has none, resolves those that are no longer so, and returns how many it raised; null if another session is at it. An alert that was resolved for less than settings.alert_every is opened again instead.';
CREATE FUNCTION stocksync.read_alerts(p_all boolean DEFAULT false) RETURNS TABLE(id bigint, raised_at timestamp with time zone, level text, rule text, message text, resolved_at timestamp with time zone, told text[])
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select a.id, a.raised_at, a.level, a.rule, a.message, a.resolved_at,
        array(
            select d.channel
            from stocksync.alert_deliveries as d
            where d.alert_id = a.id and coalesce(d.sent_at, d.resolution_sent_at) is not null
            order by d.channel
        )
    from stocksync.alerts as a
    where p_all or a.resolved_at is null
    order by a.id;
$$;
COMMENT ON FUNCTION stocksync.read_alerts(p_all boolean) IS 'The open alerts, oldest first, and which channels were told of each; with p_all the resolved ones too, as long as settings.keep_log keeps them.';
CREATE FUNCTION stocksync.read_log(p_level text DEFAULT NULL::text, p_limit bigint DEFAULT 50, p_grep text DEFAULT NULL::text, p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_product_id bigint DEFAULT NULL::bigint, p_run_id bigint DEFAULT NULL::bigint) RETURNS TABLE(logged_at timestamp with time zone, level text, message text, sku text, actor text, context jsonb, log_id bigint)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
declare
    v_levels constant text[] := '{info,warning,error,critical}';
    v_lowest constant integer := array_position(v_levels, p_level);
    v_grep constant text := lower(nullif(p_grep, ''));
    v_since constant timestamptz := coalesce(
        p_since, (select u.started_at from stocksync.runs as u where u.id = p_run_id), '-infinity'
    );
    v_movements_since timestamptz := v_since;
begin
    if not p_level = any (v_levels) then
        raise exception 'unknown level "%"', p_level
            using errcode = 'invalid_parameter_value',
                  hint = format('Give one of %s.', array_to_string(v_levels, ', '));
    end if;
    if p_level <> 'info' or p_run_id is not null then
        v_movements_since := null; -- none
    elsif p_product_id is not null then
        null; -- an index has the movements of a product
    elsif v_grep is not null then
        v_movements_since := coalesce(p_since, now() - interval '1 day');
    elsif p_limit is not null then
        select greatest(v_since, min(n.recorded_at)) into v_movements_since
        from (
            select m.recorded_at
            from public.stock_movements as m
            order by m.id desc
            limit p_limit
        ) as n;
    end if;
    return query
    select e.logged_at, e.level, e.message, e.sku, e.actor, e.context, e.log_id
    from (
        (
            select g.logged_at, g.level, g.message, p.sku, g.actor, g.context, g.id as log_id,
                null::bigint as movement_id
            from stocksync.log as g
            left join public.products as p on p.id = g.product_id
            where g.logged_at >= v_since
                and (p_level is null or array_position(v_levels, g.level) >= v_lowest)
                and (p_product_id is null or g.product_id = p_product_id)
                and (p_run_id is null or g.context ->> 'run' = p_run_id::text)
                and (v_grep is null or strpos(lower(concat_ws(' ', g.message, p.sku, (
                    select string_agg(c.key || '=' || c.value, ' ')
                    from jsonb_each_text(g.context) as c
                ))), v_grep) > 0)
            order by g.logged_at desc, g.id desc
            limit p_limit
        )
        union all
        (
            select m.recorded_at, 'info', 'stock movement created', p.sku, null,
                jsonb_strip_nulls(jsonb_build_object(
                    'movement_id', m.id, 'product_id', m.product_id,
                    'movement_type', m.movement_type, 'transaction_type', m.transaction_type,
                    'quantity', trim_scale(m.quantity), 'user_id', m.user_id
                )),
                null, m.id
            from public.stock_movements as m
            left join public.products as p on p.id = m.product_id
            where m.recorded_at >= v_movements_since
                and (p_product_id is null or m.product_id = p_product_id)
                -- the text of the same context, ten times as fast as by way of it
                and (v_grep is null or strpos(lower(concat_ws(
                    ' ', 'stock movement created', p.sku,
                    'movement_id=' || m.id, 'product_id=' || m.product_id,
                    'movement_type=' || m.movement_type, 'transaction_type=' || m.transaction_type,
                    'quantity=' || trim_scale(m.quantity), 'user_id=' || m.user_id
                )), v_grep) > 0)
            order by m.recorded_at desc, m.id desc
            limit p_limit
        )
        order by logged_at desc, log_id desc, movement_id desc
        limit p_limit
    ) as e
    order by e.logged_at, e.log_id, e.movement_id;
end;
$$;
COMMENT ON FUNCTION stocksync.read_log(p_level text, p_limit bigint, p_grep text, p_since timestamp with time zone, p_product_id bigint, p_run_id bigint) IS 'The last p_limit entries of the log (null: all), oldest first, with the creation of each movement among them as level "info". p_level: "info", "warning", "error" or "critical", this one and those above. p_grep: entries whose message, sku or context (key=value) contains this text, upper or lower case; without p_since or p_product_id it looks through the movements of the last day. p_since: not before. p_product_id: about this product. p_run_id: what this run wrote, no movements. log_id is the number in stocksync.log, null for a movement. Raises invalid_parameter_value for an unknown level.';
CREATE FUNCTION stocksync.reap_jobs(p_lost_after interval DEFAULT '00:00:30'::interval, p_late_after interval DEFAULT '00:01:00'::interval) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '100ms'
    AS $$
declare
    v_ids bigint[];
    v_latest_start timestamptz;
    v_job stocksync.jobs;
    v_runs boolean;
    v_reaped bigint := 0;
begin
    -- The timeout is the server's to enforce. This is for sessions that have none.
    select clock_timestamp() - s.job_timeout - p_late_after
    into v_latest_start
    from stocksync.settings as s;
    select array_agg(c.id) into v_ids
    from (
        select j.id
        from stocksync.jobs as j
        where j.state = 'running'
            and (
                j.seen_at < clock_timestamp() - p_lost_after
                or j.started_at < v_latest_start
                or j.started_at < pg_postmaster_start_time()
            )
        for update skip locked
    ) as c;
    for v_job in
        -- in one order, since each may wait for another job of its subject
        select * from stocksync.jobs as j where j.id = any (v_ids) order by j.subject
    loop
        v_runs := stocksync._runs_still(v_job);
        begin
            if v_runs is false then
                perform stocksync.fail_job(
                    v_job.id, v_job.attempts, null, 'the worker or its connection was lost'
                );
            elsif v_job.started_at < v_latest_start then
                perform stocksync._cancel_statement(v_job);
                perform stocksync.fail_job(
                    v_job.id, v_job.attempts, '57014', 'the job took longer than it may'
                );
            else
                continue;
            end if;
            v_reaped := v_reaped + 1;
        exception when lock_not_available then
            null; -- the next time
        end;
    end loop;
    return v_reaped;
end;
$$;
COMMENT ON FUNCTION stocksync.reap_jobs(p_lost_after interval, p_late_after interval) IS 'Ends as failed the running jobs that have not been heard of for p_lost_after and whose server process is gone, or that run for p_late_after longer than settings.job_timeout, and returns how many. Workers and stocksync.run_job() call it.';
CREATE FUNCTION stocksync.receive_batch(p_product_id bigint, p_quantity numeric, p_batch_number text DEFAULT NULL::text, p_expiry_date date DEFAULT NULL::date, p_unit_cost numeric DEFAULT NULL::numeric, p_transaction_type text DEFAULT 'purchase'::text, p_location_id bigint DEFAULT NULL::bigint, p_occurred_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_reference text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text, p_user_id text DEFAULT NULL::text, p_notes text DEFAULT NULL::text) RETURNS TABLE(movement_id bigint, batch_id bigint, batch_number text, expiry_date date, cost_price numeric, received numeric, remaining numeric)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_product public.products;
    v_movement_id bigint;
begin
    select * into v_product from public.products as p where p.id = p_product_id;
    if not found then
        raise exception 'product % does not exist', p_product_id
            using errcode = 'no_data_found',
                  hint = 'List the products with "stocksync stock".';
    elsif not v_product.tracks_batches then
        raise exception 'product "%" does not track batches', v_product.sku
            using errcode = 'object_not_in_prerequisite_state',
                  hint = format('Let it, with "stocksync batch track --sku %s"; or insert a movement without a batch.',
                      v_product.sku);
    elsif exists (
        select
        from public.transaction_types as t
        where t.name = p_transaction_type and t.movement_type = 'out'
    ) then
        raise exception 'nothing comes in by "%"', p_transaction_type
            using errcode = 'invalid_parameter_value',
                  hint = 'Use a type of transaction_types whose movement_type is "in".';
    end if;
    select m.id into v_movement_id
    from stocksync.record_movement(
        p_product_id, p_transaction_type, p_quantity, p_idempotency_key, p_location_id,
        p_occurred_at, p_unit_cost, p_reference, p_user_id, p_notes,
        p_batch_number => p_batch_number, p_expiry_date => p_expiry_date
    ) as m;
    -- Its batch is found when it settles.
    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle deferred;
    return query
    select v_movement_id, b.id, b.batch_number, b.expiry_date, b.cost_price,
        trim_scale(d.quantity), trim_scale(b.quantity_remaining)
    from stocksync._movement_batches(v_movement_id) as d
    join public.stock_batches as b on b.id = d.batch_id
    order by b.id;
end;
$$;
COMMENT ON FUNCTION stocksync.receive_batch(p_product_id bigint, p_quantity numeric, p_batch_number text, p_expiry_date date, p_unit_cost numeric, p_transaction_type text, p_location_id bigint, p_occurred_at timestamp with time zone, p_reference text, p_idempotency_key text, p_user_id text, p_notes text) IS 'Books units that come in, as stocksync.record_movement() does, and returns the batch that they are of: one that is there, if number, expiry date and cost agree, or a new one. Null p_batch_number: a batch of its own; null p_expiry_date and p_unit_cost: as the last batch of this number says, else none and products.unit_cost. received is what this movement brought, remaining what is there of the batch now. The same p_idempotency_key again books nothing and returns the same batch. Several rows where a return goes back to several batches. Settles at once: a transaction that receives several products locks them in that order, so call lock_products() first. Raises no_data_found for an unknown product, object_not_in_prerequisite_state if it does not track batches, invalid_parameter_value for a type that is "out", and what record_movement raises.';
CREATE FUNCTION stocksync.record_count(p_product_id bigint, p_quantity numeric, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_location_id bigint DEFAULT NULL::bigint, p_user_id text DEFAULT NULL::text, p_notes text DEFAULT NULL::text, p_batch_id bigint DEFAULT NULL::bigint) RETURNS TABLE(count_id bigint, counted_at timestamp with time zone, counted numeric, expected numeric, difference numeric, on_hand numeric, movement_id bigint, movements_since bigint, moved_since numeric, warning text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_count stocksync.counts;
begin
    v_count.product_id := p_product_id;
    v_count.location_id := p_location_id;
    v_count.counted_at := p_at;
    v_count.quantity := p_quantity;
    v_count.user_id := p_user_id;
    v_count.notes := p_notes;
    v_count.batch_id := p_batch_id;
    select * into v_count from stocksync._record_counts(array[v_count]);
    select e.movement_id, e.movements_since, e.moved_since
    into movement_id, movements_since, moved_since
    from stocksync._count_effect(v_count) as e;
    count_id := v_count.id;
    counted_at := v_count.counted_at;
    counted := v_count.quantity;
    expected := v_count.expected;
    difference := v_count.quantity - v_count.expected;
    on_hand := v_count.quantity + moved_since;
    if moved_since <> 0 then
        warning := format(
            '%s were expected at that time, %s were counted; %s moved since, so that now there are %s. If %s are there now, count without a time.',
            expected, counted, case when moved_since > 0 then '+' else '' end || moved_since, on_hand,
            counted
        );
    end if;
    perform stocksync._write_log(
        'info', 'count recorded', p_product_id,
        jsonb_strip_nulls(jsonb_build_object(
            'count', count_id, 'counted_at', counted_at,
            'location',
            (select l.name from public.locations as l where l.id = v_count.location_id),
            'batch', (select b.batch_number from public.stock_batches as b where b.id = p_batch_id),
            'counted', counted, 'expected', expected, 'difference', difference,
            'movement', movement_id, 'on_hand', on_hand
        ))
    );
    return next;
end;
$$;
COMMENT ON FUNCTION stocksync.record_count(p_product_id bigint, p_quantity numeric, p_at timestamp with time zone, p_location_id bigint, p_user_id text, p_notes text, p_batch_id bigint) IS 'Records that so many units of a product were counted at a place (null: the unnamed one) at a time (null: now), books the difference to what the ledger says of that moment at that moment, and returns it: expected is what the ledger said, movement_id the correction, null if none was due, on_hand the stock of the place now, moved_since what occurred after the count. warning says both readings where they differ: null if nothing moved since. When movements before the count come later, settings.late_movements_before_count decides. With p_batch_id only this batch was counted: all of that is then of the batch, at its place, and late movements change nothing about the count. Of a product that tracks batches, a count of all of it makes a batch of its own of what is too much, and takes what is missing by the strategy of the product. Raises no_data_found for an unknown product, location or batch, check_violation for a quantity below zero, too large, NaN or with more than 6 decimals, invalid_parameter_value for a time in the future, SS005 where the period is closed, SS001 where the stock may not fall below zero.';
CREATE FUNCTION stocksync.record_movement(p_product_id bigint, p_transaction_type text, p_quantity numeric, p_idempotency_key text DEFAULT NULL::text, p_location_id bigint DEFAULT NULL::bigint, p_occurred_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_unit_cost numeric DEFAULT NULL::numeric, p_reference text DEFAULT NULL::text, p_user_id text DEFAULT NULL::text, p_notes text DEFAULT NULL::text, p_metadata jsonb DEFAULT NULL::jsonb, p_batch_id bigint DEFAULT NULL::bigint, p_batch_number text DEFAULT NULL::text, p_expiry_date date DEFAULT NULL::date) RETURNS public.stock_movements
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_movement public.stock_movements;
    v_archived stocksync.archived_keys;
begin
    select * into v_archived from stocksync._archived_movement(p_idempotency_key);
    if found then
        if v_archived.content_md5 <> stocksync._content_md5(
                p_product_id, p_location_id, p_transaction_type, p_quantity, p_unit_cost,
                p_reference, p_user_id, p_notes, p_metadata, p_batch_id, p_batch_number,
                p_expiry_date
            )
            or v_archived.given_at <> p_occurred_at
            -- the key of a reversal
            or v_archived.movement_type <> (
                select t.movement_type
                from public.transaction_types as t
                where t.name = p_transaction_type
            )
        then
            perform stocksync._refuse_key(p_idempotency_key, v_archived.movement_id);
        end if;
        return row(
            v_archived.movement_id, p_product_id, p_location_id, v_archived.movement_type,
            p_transaction_type, p_quantity, v_archived.occurred_at, v_archived.recorded_at,
            p_unit_cost, p_reference, p_idempotency_key, null, p_user_id, p_notes, p_metadata,
            p_batch_id, p_batch_number, p_expiry_date
        )::public.stock_movements;
    end if;
    insert into public.stock_movements (
        product_id, transaction_type, quantity, idempotency_key, location_id, occurred_at,
        unit_cost, reference, user_id, notes, metadata, batch_id, batch_number, expiry_date
    )
    values (
        p_product_id, p_transaction_type, p_quantity, p_idempotency_key, p_location_id,
        coalesce(p_occurred_at, now()), p_unit_cost, p_reference, p_user_id, p_notes, p_metadata,
        p_batch_id, p_batch_number, p_expiry_date
    )
    on conflict (idempotency_key) where idempotency_key is not null do nothing
    returning * into v_movement;
    if found then
        -- It may have been booked on the first open day instead.
        if p_occurred_at is not null then
            select * into v_movement from public.stock_movements as m where m.id = v_movement.id;
        end if;
        return v_movement;
    end if;
    select * into v_movement
    from public.stock_movements as m
    where m.idempotency_key = p_idempotency_key;
    -- Who sends it again need not know when it was booked first.
    if (v_movement.product_id, v_movement.transaction_type, v_movement.quantity,
        v_movement.location_id, v_movement.unit_cost, v_movement.reference, v_movement.user_id,
        v_movement.notes, v_movement.metadata, v_movement.batch_id, v_movement.batch_number,
        v_movement.expiry_date)
        is distinct from
        (p_product_id, p_transaction_type, p_quantity, p_location_id, p_unit_cost, p_reference,
         p_user_id, p_notes, p_metadata, p_batch_id, p_batch_number, p_expiry_date)
        or (v_movement.occurred_at <> p_occurred_at
            and stocksync._given_at(v_movement) <> p_occurred_at)
        or v_movement.reverses_id is not null
    then
        perform stocksync._refuse_key(p_idempotency_key, v_movement.id);
    end if;
    return v_movement;
end;
$$;
COMMENT ON FUNCTION stocksync.record_movement(p_product_id bigint, p_transaction_type text, p_quantity numeric, p_idempotency_key text, p_location_id bigint, p_occurred_at timestamp with time zone, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb, p_batch_id bigint, p_batch_number text, p_expiry_date date) IS 'Inserts a movement and returns it. With an idempotency key that was used before: returns the first movement if its content is the same, raises SS002 otherwise. A null p_occurred_at is now, and is not compared. p_batch_id, p_batch_number and p_expiry_date mean what the columns of stock_movements do. Raises what an insert raises.';
CREATE PROCEDURE stocksync.refresh(INOUT p_run_id bigint DEFAULT NULL::bigint)
    LANGUAGE plpgsql
    AS $$
declare
    v_rows bigint;
    v_ids bigint[];
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;
    p_run_id := stocksync._start_refresh();
    commit and chain;
    if p_run_id is null then
        return;
    end if;
    perform stocksync._continue_run(p_run_id);
    v_rows := stocksync.fold();
    call stocksync._end_step(p_run_id, 'fold', pg_catalog.jsonb_build_object('pending', v_rows));
    perform stocksync._continue_run(p_run_id);
    loop
        v_rows := stocksync.roll_up();
        exit when v_rows is not null;
        -- a correction is running, 100 products at a time
        perform pg_catalog.pg_sleep(0.02);
    end loop;
    call stocksync._end_step(p_run_id, 'roll_up', pg_catalog.jsonb_build_object('journal', v_rows));
    perform stocksync._continue_run(p_run_id);
    select pg_catalog.array_agg(s order by s) into v_ids from stocksync._suspects() as s;
    call stocksync._end_step(p_run_id, 'compare', pg_catalog.jsonb_build_object(
        'suspects', coalesce(pg_catalog.cardinality(v_ids), 0)
    ));
    if v_ids is not null then
        call stocksync._correct_all(p_run_id, v_ids, null, false);
    end if;
    perform stocksync._continue_run(p_run_id);
    v_rows := stocksync._refresh_views();
    call stocksync._end_step(p_run_id, 'views', pg_catalog.jsonb_build_object('refreshed', v_rows));
    perform stocksync._continue_run(p_run_id);
    perform stocksync._record_step(p_run_id, 'tidy', stocksync._tidy());
    perform stocksync._finish_run(p_run_id);
    commit;
end;
$$;
COMMENT ON PROCEDURE stocksync.refresh(INOUT p_run_id bigint) IS 'Folds what is pending, rolls up the journal, compares every product with the roll-up and corrects from the movements what differs (each correction is a row in stocksync.incidents), refreshes the materialized views whose input changed, and tidies by the settings. Returns the number of the run, whose cost says what each step took; null if another refresh is running. Not inside a transaction block.';
CREATE FUNCTION stocksync.release_job(p_job_id bigint, p_attempt bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_job stocksync.jobs;
    v_state text;
begin
    select * into v_job
    from stocksync.jobs as j
    where j.id = p_job_id
        and j.attempts = p_attempt
        and j.state = 'running'
    for update;
    if not found then
        return null;
    elsif v_job.is_cancelled then
        update stocksync.jobs as j
        set state = 'cancelled', finished_at = clock_timestamp()
        where j.id = p_job_id;
    else
        perform stocksync._requeue_job(v_job, clock_timestamp());
    end if;
    select j.state into v_state from stocksync.jobs as j where j.id = p_job_id;
    return v_state;
end;
$$;
COMMENT ON FUNCTION stocksync.release_job(p_job_id bigint, p_attempt bigint) IS 'Puts back a running job whose statement was ended because its worker stops, and returns what it is now: "queued", "merged" (the same was queued already) or "cancelled"; null if this attempt does not run any more.';
CREATE FUNCTION stocksync.reopen_period(p_from date DEFAULT NULL::date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_first timestamptz;
    v_before timestamptz;
    v_archive stocksync.archives;
    v_reopened bigint;
begin
    -- One closing or reopening at a time.
    perform pg_advisory_xact_lock(stocksync._lock_key('closing'));
    select case when p_from is null then max(c.closed_before) else min(c.closed_before) end
    into v_first
    from stocksync.closings as c
    where c.reopened_at is null and (p_from is null or c.closed_through >= p_from);
    update stocksync.closings as c
    set reopened_at = clock_timestamp(), reopened_by = session_user
    where c.reopened_at is null and c.closed_before >= v_first;
    get diagnostics v_reopened = row_count;
    if v_reopened = 0 then
        raise exception 'no period is closed'
            using errcode = 'no_data_found',
                  detail = 'No closing '
                      || coalesce('through ' || p_from || ' or a later day ', '')
                      || 'holds.',
                  hint = 'List the closings with "stocksync close --list".';
    end if;
    v_before := coalesce(
        (select max(c.closed_before) from stocksync.closings as c where c.reopened_at is null),
        '-infinity'
    );
    select * into v_archive
    from stocksync.archives as a
    where a.restored_at is null and a.archived_before > v_before
    order by a.archived_before desc
    limit 1;
    if found then
        raise exception 'movements of that period are archived'
            using errcode = 'object_not_in_prerequisite_state',
                  detail = format('Movements before %s are in "%s".',
                      v_archive.archived_before, v_archive.file),
                  hint = 'Put them back first with "stocksync archive --restore FILE".';
    end if;
    update stocksync._closed set before = v_before;
    perform stocksync._write_log(
        'warning', 'period reopened',
        p_context => jsonb_build_object(
            'closings', v_reopened, 'open_from', nullif(v_before, '-infinity')
        )
    );
    return v_reopened;
end;
$$;
COMMENT ON FUNCTION stocksync.reopen_period(p_from date) IS 'Takes back every closing through this day or a later one (null: the last one) and returns how many. Raises no_data_found if there is none, object_not_in_prerequisite_state where movements of the period are archived.';
CREATE FUNCTION stocksync.report_as_of(p_view_name text) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select max(a.filled_at)
    from (
        select r.refreshed_at from stocksync.view_refreshes as r where r.view_name = p_view_name
        union all
        select f.deployed_at
        from stocksync.deployed_file as f
        where f.path = 'materialized_views/' || p_view_name || '.sql'
    ) as a (filled_at);
$$;
COMMENT ON FUNCTION stocksync.report_as_of(p_view_name text) IS 'When a materialized view of schema stocksync was last filled, by a refresh or by its deployment; null if there is no such view.';
CREATE FUNCTION stocksync.report_movers(p_sku text DEFAULT NULL::text, p_abc_class text DEFAULT NULL::text, p_dead boolean DEFAULT false, p_limit bigint DEFAULT NULL::bigint) RETURNS TABLE(product_id bigint, sku text, name text, sold numeric, sold_value numeric, share numeric, cumulative_share numeric, abc_class text, on_hand numeric, average_on_hand numeric, turnover numeric, last_sale_on date, days_without_sale integer, is_dead_stock boolean)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform stocksync.product_id(p_sku); -- raises for an unknown one
    if p_abc_class not in ('A', 'B', 'C') then
        raise exception 'unknown class "%"', p_abc_class
            using errcode = 'invalid_parameter_value',
                  hint = 'Classes are "A", "B" and "C".';
    end if;
    return query
    with ranked as (
        select m.*,
            sum(m.sold_value) over (partition by m.sold > 0) as value_of_all,
            sum(m.sold_value) over (
                partition by m.sold > 0
                order by m.sold_value desc, m.product_id
                rows unbounded preceding
            ) as value_so_far
        from stocksync.slow_and_fast_movers as m
    )
    select r.product_id, p.sku, p.name, r.sold, r.sold_value,
        case when r.sold > 0 then
            trim_scale(round(r.sold_value / nullif(r.value_of_all, 0), 6))
        end,
        case when r.sold > 0 then
            trim_scale(round(r.value_so_far / nullif(r.value_of_all, 0), 6))
        end,
        r.abc_class, r.on_hand, r.average_on_hand, r.turnover, r.last_sale_on,
        r.days_without_sale, r.is_dead_stock
    from ranked as r
    join public.products as p on p.id = r.product_id
    where (p_sku is null or p.sku = p_sku)
        and (p_sku is not null or not p.is_deleted)
        and (p_abc_class is null or r.abc_class = p_abc_class)
        and (r.is_dead_stock or not p_dead)
    order by r.abc_class, r.sold_value desc, r.on_hand desc, r.product_id
    limit p_limit;
end;
$$;
COMMENT ON FUNCTION stocksync.report_movers(p_sku text, p_abc_class text, p_dead boolean, p_limit bigint) IS 'stocksync.slow_and_fast_movers of one product, or of all that are not deleted, what sold for most at the top, what did not sell at the end, most stock first; p_abc_class: only "A", "B" or "C"; p_dead: only dead stock; p_limit: at most so many rows (null: all). share is the part of the sold_value of all products of which something was sold, 0 to 1, cumulative_share that of the product and all that sold for more (of equals, those with a lower number); null where nothing was sold, or all is worth nothing. Raises no_data_found for an unknown sku, invalid_parameter_value for an unknown class.';
CREATE FUNCTION stocksync.report_stock(p_sku text DEFAULT NULL::text, p_cover_below numeric DEFAULT NULL::numeric, p_limit bigint DEFAULT NULL::bigint) RETURNS TABLE(product_id bigint, sku text, name text, quantity_in numeric, quantity_out numeric, on_hand numeric, movements bigint, first_on date, last_on date, last_count_on date, daily_sales_7 numeric, daily_sales_30 numeric, daily_sales_90 numeric, days_of_cover numeric, sold_by_day numeric[])
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_today constant date := stocksync._shop_day();
begin
    perform stocksync.product_id(p_sku); -- raises for an unknown one
    return query
    with chosen as (
        select s.*, p.sku, p.name
        from stocksync.stock_summary as s
        join public.products as p on p.id = s.product_id
        where (p_sku is null or p.sku = p_sku)
            and (p_sku is not null or not p.is_deleted)
            and (p_cover_below is null or s.days_of_cover < p_cover_below)
        order by s.days_of_cover, s.daily_sales_30 desc, p.sku
        limit p_limit
    )
    select c.product_id, c.sku, c.name, c.quantity_in, c.quantity_out, c.on_hand, c.movements,
        c.first_on, c.last_on, c.last_count_on, c.daily_sales_7, c.daily_sales_30,
        c.daily_sales_90, c.days_of_cover, d.sold
    from chosen as c
    -- not stored in the view: of most products nobody looks at it
    cross join lateral (
        select array_agg(trim_scale(coalesce(x.sold, 0)) order by g.day) as sold
        from generate_series(0, 29) as g (day)
        left join (
            select d.day - v_today + 30 as day, -sum(d.quantity) as sold
            from stocksync.stock_daily as d
            join public.transaction_types as y on y.name = d.transaction_type
            where d.product_id = c.product_id
                and d.day >= v_today - 30
                and d.day < v_today
                and y.counts_as = 'sale'
            group by d.day
        ) as x on x.day = g.day
    ) as d
    order by c.days_of_cover, c.daily_sales_30 desc, c.sku;
end;
$$;
COMMENT ON FUNCTION stocksync.report_stock(p_sku text, p_cover_below numeric, p_limit bigint) IS 'stocksync.stock_summary of one product, or of all that are not deleted, what runs out first at the top; p_cover_below: only what lasts less than so many days; p_limit: at most so many rows (null: all). sold_by_day are the units sold on each of the last 30 whole days, oldest first, from the roll-up as it is now. Raises no_data_found for an unknown sku; a product newer than the last refresh is not there yet.';
CREATE FUNCTION stocksync.report_trends(p_period text DEFAULT 'month'::text, p_transaction_type text DEFAULT NULL::text) RETURNS TABLE(transaction_type text, movement_type text, starts_on date, quantity numeric, movements bigint, is_complete boolean)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if p_period is null or p_period not in ('day', 'week', 'month') then
        raise exception 'unknown period "%"', p_period
            using errcode = 'invalid_parameter_value',
                  hint = 'Periods are "day", "week" and "month".';
    end if;
    if p_transaction_type is not null and not exists (
        select from public.transaction_types as y where y.name = p_transaction_type
    ) then
        raise exception 'unknown transaction type "%"', p_transaction_type
            using errcode = 'no_data_found',
                  hint = 'Types are rows of transaction_types; see also "stocksync report trends".';
    end if;
    return query
    with kept as (
        select t.* from stocksync.movement_trends as t where t.period = p_period
    ),
    period as (
        select g::date as starts_on, (g::date < k.open) is not false as is_complete
        from (
            select min(o.starts_on) as oldest, max(o.starts_on) as newest,
                min(o.starts_on) filter (where not o.is_complete) as open
            from kept as o
        ) as k
        cross join generate_series(
            k.oldest::timestamp, k.newest::timestamp, ('1 ' || p_period)::interval
        ) as g
    ),
    type as (
        select distinct k.transaction_type, k.movement_type
        from kept as k
        where p_transaction_type is null or k.transaction_type = p_transaction_type
    )
    select y.transaction_type, y.movement_type, p.starts_on, coalesce(k.quantity, 0),
        coalesce(k.movements, 0), p.is_complete
    from period as p
    cross join type as y
    left join kept as k
        on k.starts_on = p.starts_on and k.transaction_type = y.transaction_type
    order by y.movement_type, y.transaction_type, p.starts_on;
end;
$$;
COMMENT ON FUNCTION stocksync.report_trends(p_period text, p_transaction_type text) IS 'stocksync.movement_trends by "day", "week" or "month", of one transaction type or of all that moved, types that bring in first; periods in which a type did not move are there with zeros. Raises invalid_parameter_value for an unknown period, no_data_found for an unknown type.';
CREATE FUNCTION stocksync.report_value(p_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_method text DEFAULT 'batch'::text, p_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_sku text DEFAULT NULL::text) RETURNS TABLE(product_id bigint, sku text, name text, quantity numeric, value numeric, unit_value numeric, without_cost numeric, in_transit numeric, sold numeric, cost_of_sales numeric, other_cost numeric, gone_without_cost numeric)
    LANGUAGE plpgsql STABLE
    SET jit TO 'off'
    SET work_mem TO '64MB'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_at constant timestamptz := coalesce(p_at, clock_timestamp());
    v_product_ids constant bigint[] := case
        when p_sku is not null then array[stocksync.product_id(p_sku)]
    end;
begin
    if p_method is null or p_method not in ('batch', 'fifo', 'average') then
        raise exception 'unknown method "%"', p_method
            using errcode = 'invalid_parameter_value',
                  hint = 'Methods are "batch", "fifo" and "average".';
    end if;
    if p_from >= v_at then
        raise exception '% is not before %', p_from, v_at
            using errcode = 'invalid_parameter_value',
                  hint = 'Say from when until when it was sold. A day alone is its end.';
    end if;
    return query
    with asked as (
        select v_at as at, 1 as sign
        union all
        select p_from, -1 where p_from is not null
    ),
    valued as (
        -- of a period: what there was at its end, less what there was at its beginning
        select a.sign, v.*
        from asked as a
        cross join lateral (
            select b.*
            from stocksync._value_by_batch(a.at, v_product_ids) as b
            where p_method = 'batch'
            union all
            select f.*
            from stocksync._value_by_fifo(a.at, v_product_ids) as f
            where p_method = 'fifo'
            union all
            select m.*
            from stocksync._value_by_average(a.at, v_product_ids) as m
            where p_method = 'average'
        ) as v
    ),
    summed as (
        select v.product_id,
            sum(case v.kind when 'in' then v.quantity else -v.quantity end) filter (where v.sign = 1)
                as quantity,
            sum(case v.kind when 'in' then v.cost else -v.cost end) filter (where v.sign = 1)
                as value,
            sum(case v.kind when 'in' then v.without_cost else -v.without_cost end)
                filter (where v.sign = 1) as without_cost,
            sum(v.quantity) filter (where v.kind = 'transfer' and v.sign = 1) as in_transit,
            sum(v.sign * v.quantity) filter (where v.kind = 'sale') as sold,
            sum(v.sign * v.cost) filter (where v.kind = 'sale') as cost_of_sales,
            sum(v.sign * v.cost) filter (where v.kind = 'other') as other_cost,
            sum(v.sign * v.without_cost) filter (where v.kind in ('sale', 'other'))
                as gone_without_cost
        from valued as v
        group by v.product_id
    )
    select p.id, p.sku, p.name,
        trim_scale(coalesce(s.quantity, 0)),
        trim_scale(coalesce(s.value, 0)),
        -- of the units whose cost is known
        case
            when s.quantity > s.without_cost
                then trim_scale(round(s.value / (s.quantity - s.without_cost), 6))
        end,
        trim_scale(coalesce(s.without_cost, 0)),
        trim_scale(coalesce(s.in_transit, 0)),
        trim_scale(coalesce(s.sold, 0)),
        trim_scale(coalesce(s.cost_of_sales, 0)),
        trim_scale(coalesce(s.other_cost, 0)),
        trim_scale(coalesce(s.gone_without_cost, 0))
    from public.products as p
    left join summed as s on s.product_id = p.id
    where p.tracks_batches and (v_product_ids is null or p.id = any (v_product_ids))
    order by p.sku;
end;
$$;
COMMENT ON FUNCTION stocksync.report_value(p_at timestamp with time zone, p_method text, p_from timestamp with time zone, p_sku text) IS 'Of each product that tracks batches (of one: p_sku): units in stock at p_at (null: now), their value, that of one, and after p_from (null: ever) until p_at the units sold, what they had cost, and what all that went out otherwise, lost, used or sent back, had cost (other_cost). What came back is taken off, as if it had not gone; a receipt that was reversed is left out from then on. Cost is what came in had cost. Methods, as in IAS 2 (23 to 27): "batch", each unit what its own batch did; "fifo", what came in first goes out first, whatever batch was taken, so that what is there came in last; "average", the moving average, anew whenever something comes in, what goes out rounded to millionths. Transfers within the shop change nothing; what has left one place and not come to another (in_transit) is not in quantity and value. Where the cost is not known, units are in without_cost and gone_without_cost and nowhere valued; unit_value is of the others. What has gone out, by the date, before it came in, makes these fall below zero or has no cost until then. Before a product began to track batches, as it does now, there was nothing of it in batches, and so is none here. Raises invalid_parameter_value for an unknown method and where p_from is not before p_at, no_data_found for an unknown sku.';
CREATE PROCEDURE stocksync.restore(IN p_from timestamp with time zone, INOUT p_run_id bigint DEFAULT NULL::bigint, IN p_product_id bigint DEFAULT NULL::bigint, IN p_snapshot_id bigint DEFAULT NULL::bigint)
    LANGUAGE plpgsql
    AS $$
declare
    v_snapshot_id bigint;
    v_product_ids constant bigint[] := case
        when p_product_id is not null then array[p_product_id]
    end;
    v_ids bigint[];
begin
    -- Whatever the session's default: see stocksync.sync(). Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;
    select s.snapshot_id into v_snapshot_id
    from stocksync.restore_source(p_from, p_snapshot_id) as s;
    -- Refused before anything is changed where it needs what is archived.
    perform from stocksync._restore_differences(v_snapshot_id, '{}');
    p_run_id := stocksync._start_run('restore', p_product_id, p_from, null);
    commit and chain;
    -- What is stored first: what is booked is added to it, and may be refused if that is too little.
    select pg_catalog.array_agg(d.product_id order by d.product_id) into v_ids
    from stocksync.discrepancies(v_product_ids, null, true) as d;
    call stocksync._correct_all(p_run_id, v_ids, null, true);
    perform stocksync._book_restore(p_run_id, v_snapshot_id, v_product_ids);
    commit and chain;
    perform stocksync._finish_run(p_run_id);
    commit;
end;
$$;
COMMENT ON PROCEDURE stocksync.restore(IN p_from timestamp with time zone, INOUT p_run_id bigint, IN p_product_id bigint, IN p_snapshot_id bigint) IS 'Makes the stock of every product, or of one, a trusted balance plus the movements since; the balance is that of stocksync.restore_source(p_from, p_snapshot_id). Stored quantities are corrected as by stocksync.sync(), then what the movements lack of the balance is booked as stock_count_correction or stock_count_correction_minus at the first open instant after it. Returns the number of the run, which stocksync.undo() takes back. Not inside a transaction block. Raises as stocksync.restore_dry_run() does.';
CREATE FUNCTION stocksync.restore_archive(p_sha256 text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_archive stocksync.archives;
    v_restored bigint;
begin
    -- One archive at a time, and no reopening meanwhile.
    perform pg_advisory_xact_lock(stocksync._lock_key('closing'));
    -- Whoever changes the time zone waits from here on; what changed before, an older snapshot does
    -- not see: see stocksync._capture().
    lock table public.stock_movements in row exclusive mode;
    perform from stocksync.settings as s where s.xmax <> 0 for share;
    perform stocksync._check_staged();
    select * into v_archive
    from stocksync.archives as a
    where a.sha256 = p_sha256
    order by a.restored_at is not null, a.id desc
    limit 1;
    if not found then
        raise exception 'the file is no archive of this database'
            using errcode = 'no_data_found',
                  detail = 'No archive has its checksum: it was changed, or written elsewhere.',
                  hint = 'The files are named in stocksync.archives.';
    elsif v_archive.restored_at is not null then
        raise exception 'archive % was restored already', v_archive.id
            using errcode = 'object_not_in_prerequisite_state',
                  detail = format('On %s.', v_archive.restored_at);
    end if;
    select count(*) into v_restored from pg_temp.stocksync_archive;
    if stocksync._staged_sha256() is distinct from v_archive.content_sha256 then
        raise exception 'the file does not hold the movements of archive %', v_archive.id
            using errcode = 'data_corrupted',
                  detail = format('It holds %s; %s were archived; something is not the same.',
                      v_restored, v_archive.movements),
                  hint = 'Nothing was restored. Use the file as it was written.';
    end if;
    insert into stocksync._passes default values;
    insert into public.stock_movements select * from pg_temp.stocksync_archive as a order by a.id;
    delete from stocksync._passes as p where p.xid = pg_current_xact_id();
    -- The roll-up has them by days of the time zone that the shop had then.
    insert into stocksync._journal (lines, is_settled)
    select array_agg(row(
        u.product_id, u.location_id, u.day, u.transaction_type, u.quantity, u.movements
    )::stocksync._line), true
    from (
        select t.product_id, t.location_id, t.day, t.transaction_type,
            sum(t.quantity) as quantity, sum(t.movements)::integer as movements
        from (
            select a.product_id, a.location_id,
                (a.occurred_at at time zone s.time_zone)::date as day, a.transaction_type,
                case a.movement_type when 'in' then a.quantity else -a.quantity end as quantity,
                1 as movements
            from pg_temp.stocksync_archive as a
            cross join stocksync.settings as s
            union all
            select d.product_id, d.location_id, d.day, d.transaction_type, -d.quantity, -d.movements
            from stocksync.archived_daily as d
            where d.archive_id = v_archive.id
        ) as t
        group by t.product_id, t.location_id, t.day, t.transaction_type
    ) as u
    where u.quantity <> 0 or u.movements <> 0
    having count(*) > 0;
    delete from stocksync.archived_daily as d where d.archive_id = v_archive.id;
    delete from stocksync.archived_keys as k where k.archive_id = v_archive.id;
    update stocksync.archives as a set restored_at = clock_timestamp() where a.id = v_archive.id;
    update stocksync._closed
    set has_archived = exists (select from stocksync.archives as a where a.restored_at is null);
    perform stocksync._write_log(
        'warning', 'archived movements restored',
        p_context => jsonb_build_object(
            'archive', v_archive.id, 'movements', v_restored, 'file', v_archive.file
        )
    );
    return v_restored;
end;
$$;
COMMENT ON FUNCTION stocksync.restore_archive(p_sha256 text) IS 'Puts the movements in the temporary table stocksync_archive back into the ledger, if they are those of the archive with this checksum, and returns how many. Raises no_data_found if there is no such archive, object_not_in_prerequisite_state if it was restored already, data_corrupted if the table holds anything else.';
CREATE FUNCTION stocksync.restore_dry_run(p_from timestamp with time zone, p_product_id bigint DEFAULT NULL::bigint, p_snapshot_id bigint DEFAULT NULL::bigint) RETURNS TABLE(product_id bigint, sku text, name text, balance numeric, since numeric, restored numeric, quantity_on_hand numeric, difference numeric, booked numeric, differs text[])
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_ids constant bigint[] := case when p_product_id is not null then array[p_product_id] end;
    v_source record;
begin
    perform stocksync.check_scope(p_product_id, null);
    select * into v_source from stocksync.restore_source(p_from, p_snapshot_id);
    return query
    select p.id, p.sku, p.name,
        case when v_source.snapshot_id is not null then coalesce(b.balance, 0) end,
        trim_scale(l.quantity + coalesce(b.booked, 0) - coalesce(b.balance, 0)),
        trim_scale(l.quantity + coalesce(b.booked, 0)),
        trim_scale(h.quantity_on_hand),
        trim_scale(h.quantity_on_hand - l.quantity - coalesce(b.booked, 0)),
        coalesce(b.booked, 0),
        case when coalesce(b.booked, 0) <> 0 or coalesce(b.is_moved, false)
            then array['movements'] else '{}' end || coalesce(d.differs, '{}')
    from public.products as p
    join public.stock_on_hand as h on h.product_id = p.id
    left join (
        select r.product_id, sum(r.balance) as balance, trim_scale(sum(r.quantity)) as booked,
            -- between locations
            bool_or(r.quantity <> 0) as is_moved
        from stocksync._restore_differences(v_source.snapshot_id, v_ids) as r
        group by r.product_id
    ) as b on b.product_id = p.id
    left join stocksync.discrepancies(v_ids, null, true) as d on d.product_id = p.id
    cross join lateral (
        select coalesce(d.ledger, h.quantity_on_hand) as quantity
    ) as l
    where (v_ids is null or p.id = any (v_ids))
        and (coalesce(b.is_moved, false) or d.product_id is not null)
    order by p.id;
end;
$$;
COMMENT ON FUNCTION stocksync.restore_dry_run(p_from timestamp with time zone, p_product_id bigint, p_snapshot_id bigint) IS 'The products whose stock stocksync.restore() with the same arguments would change: balance in the source (null: it starts from movements), what has moved since, their sum (restored), the stock now, difference (quantity_on_hand minus restored), what would be booked so that the movements say the same, and what differs: "movements" where they do not say what the balance says, and as stocksync.discrepancies() does. Changes nothing. Raises as stocksync.restore_source() does, no_data_found for an unknown product, SS006 where it needs movements that are archived.';
CREATE FUNCTION stocksync.restore_source(p_from timestamp with time zone, p_snapshot_id bigint DEFAULT NULL::bigint) RETURNS TABLE(source text, at timestamp with time zone, known_at timestamp with time zone, snapshot_id bigint, balances bigint)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if p_snapshot_id is not null
        and not exists (select from stocksync.snapshots as s where s.id = p_snapshot_id)
    then
        raise exception 'snapshot % does not exist', p_snapshot_id
            using errcode = 'no_data_found',
                  hint = 'List the snapshots with "stocksync snapshot --list".';
    end if;
    perform stocksync.check_scope(null, p_from);
    return query
    select s.source, s.at, nullif(s.known_at, 'infinity'), s.id,
        (select count(*) from stocksync.snapshot_balances as b where b.snapshot_id = s.id)
    from (
        select coalesce(
                'closing through ' || c.closed_through,
                format('snapshot %s', t.id) || coalesce(': ' || nullif(t.note, ''), '')
            ) as source,
            t.at, t.known_at, t.id,
            case when t.id = p_snapshot_id then 1 else 2 end as preference,
            c.id is not null as is_closing
        from stocksync.snapshots as t
        left join stocksync.closings as c on c.snapshot_id = t.id
        where t.id = p_snapshot_id or (t.at < p_from and t.is_complete and c.reopened_at is null)
        union all
        select 'movements', null, null, null, 3, false
    ) as s
    order by s.preference, s.at desc, s.is_closing desc, s.id desc
    limit 1;
end;
$$;
COMMENT ON FUNCTION stocksync.restore_source(p_from timestamp with time zone, p_snapshot_id bigint) IS 'What stocksync.restore() with these arguments starts from: the snapshot named, else the last closing or snapshot before p_from, else "movements" (at null): nothing is trusted but them. at and known_at: until when movements are in the balances, by when they occurred and were recorded (known_at null: whenever). Raises no_data_found for an unknown snapshot, invalid_parameter_value for a time in the future.';
CREATE FUNCTION stocksync.retry_failed_jobs() RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    -- All first and in one order: whoever retries one of them alone may wait for what it is merged
    -- into, which another of them may become.
    perform from stocksync.jobs as j where j.state = 'failed' order by j.id for update;
    return query
    select distinct stocksync.retry_job(f.id)
    from (
        select j.id from stocksync.jobs as j where j.state = 'failed' order by j.subject, j.id
    ) as f;
end;
$$;
COMMENT ON FUNCTION stocksync.retry_failed_jobs() IS 'Queues every failed job again with all its attempts, and returns their numbers; of several about the same one is left.';
CREATE FUNCTION stocksync.retry_job(p_job_id bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_job stocksync.jobs;
begin
    select * into v_job from stocksync.jobs as j where j.id = p_job_id for update;
    if not coalesce(v_job.state in ('failed', 'cancelled', 'queued'), false) then
        v_job := stocksync.show_job(p_job_id); -- raises for an unknown one
        raise exception 'job % is %', p_job_id, v_job.state
            using errcode = 'object_not_in_prerequisite_state',
                  detail = coalesce(
                      'It goes on as job ' || v_job.merged_into || '.',
                      'Only what is queued, failed or cancelled can be tried again.'
                  ),
                  hint = 'To have the same done once more, enqueue it.';
    end if;
    update stocksync.jobs as j
    set failures = 0,
        is_cancelled = false,
        run_at = least(j.run_at, clock_timestamp())
    where j.id = p_job_id
    returning * into v_job;
    if v_job.state <> 'queued' then
        perform stocksync._requeue_job(v_job, clock_timestamp());
    end if;
    notify stocksync;
    return (select coalesce(j.merged_into, j.id) from stocksync.jobs as j where j.id = p_job_id);
end;
$$;
COMMENT ON FUNCTION stocksync.retry_job(p_job_id bigint) IS 'Queues a failed or cancelled job again, or lets a queued one run now, with all its attempts, and returns its number: that of another job if the same was queued already. Raises no_data_found for an unknown number, object_not_in_prerequisite_state for a job that runs or is done.';
CREATE FUNCTION stocksync.reverse_movement(p_movement_id bigint, p_reason text) RETURNS public.stock_movements
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_original public.stock_movements;
    v_reversal public.stock_movements;
begin
    select * into v_original
    from public.stock_movements as m
    where m.id = p_movement_id;
    if not found then
        raise exception 'movement % does not exist', p_movement_id
            using errcode = 'no_data_found',
                  hint = case stocksync._is_archived(p_movement_id)
                      when true then 'It is archived: put it back with "stocksync archive --restore FILE".'
                      else 'List the movements of a product with "stocksync movements --sku SKU".'
                  end;
    end if;
    insert into public.stock_movements (
        product_id, location_id, movement_type, transaction_type, quantity, unit_cost, reference,
        reverses_id, notes
    )
    values (
        v_original.product_id, v_original.location_id,
        case v_original.movement_type when 'in' then 'out' else 'in' end,
        v_original.transaction_type, v_original.quantity, v_original.unit_cost,
        v_original.reference, v_original.id, p_reason
    )
    returning * into v_reversal;
    return v_reversal;
end;
$$;
COMMENT ON FUNCTION stocksync.reverse_movement(p_movement_id bigint, p_reason text) IS 'Books the opposite of a movement, now, with the reason as its notes, and returns it. Raises no_data_found if there is no such movement, unique_violation (stock_movements_reverses_id_idx) if it was reversed before, check_violation if it is itself a reversal, SS001 where the stock may not fall below zero.';
CREATE FUNCTION stocksync.roll_up() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_drained bigint;
    v_reduced bigint[];
    v_is_past boolean;
begin
    -- Two at once would be exact, but the second would wait for rows of the first. A correction
    -- derives stock_total from stock_daily, which must not change under it.
    if not pg_try_advisory_xact_lock(stocksync._lock_key('roll_up')) then
        return null;
    end if;
    with drained as (
        delete from stocksync._journal as j returning j.lines
    ),
    summed as (
        select l.product_id, l.location_id, l.day, l.transaction_type,
            sum(l.quantity) as quantity, sum(l.movements) as movements
        from drained as d
        cross join unnest(d.lines) as l
        group by 1, 2, 3, 4
        -- what only changed its batch
        having sum(l.quantity) <> 0 or sum(l.movements) <> 0
    ),
    daily as (
        insert into stocksync.stock_daily as t
            (product_id, location_id, day, transaction_type, quantity, movements)
        select s.product_id, s.location_id, s.day, s.transaction_type,
            trim_scale(s.quantity), s.movements
        from summed as s
        on conflict on constraint stock_daily_key do update set
            quantity = trim_scale(t.quantity + excluded.quantity),
            movements = t.movements + excluded.movements
    ),
    total as (
        insert into stocksync.stock_total as t (
            product_id, location_id, quantity, movements, quantity_in, first_on, last_on,
            last_count_on
        )
        select s.product_id, s.location_id, trim_scale(sum(s.quantity)), sum(s.movements),
            trim_scale(coalesce(sum(s.quantity) filter (where y.movement_type = 'in'), 0)),
            min(s.day) filter (where s.movements > 0),
            max(s.day) filter (where s.movements > 0),
            max(s.day) filter (where s.movements > 0 and y.counts_as = 'count')
        from summed as s
        left join public.transaction_types as y on y.name = s.transaction_type
        group by 1, 2
        on conflict on constraint stock_total_key do update set
            quantity = trim_scale(t.quantity + excluded.quantity),
            movements = t.movements + excluded.movements,
            quantity_in = trim_scale(t.quantity_in + excluded.quantity_in),
            first_on = least(t.first_on, excluded.first_on),
            last_on = greatest(t.last_on, excluded.last_on),
            last_count_on = greatest(t.last_count_on, excluded.last_count_on)
    )
    select
        (select count(*) from drained),
        (select array_agg(distinct s.product_id) from summed as s where s.movements < 0),
        exists (select from summed as s where s.day < stocksync._shop_day())
    into v_drained, v_reduced, v_is_past;
    -- A sum can be taken from, a first or last day cannot.
    if v_reduced is not null then
        perform stocksync._recount_days(v_reduced);
    end if;
    if v_drained > 0 then
        update stocksync._roll_up_version
        set version = version + 1,
            past_version = past_version + v_is_past::integer;
    end if;
    return v_drained;
end;
$$;
COMMENT ON FUNCTION stocksync.roll_up() IS 'Drains the journal into stock_daily and stock_total and returns the number of journal rows drained; null if another roll-up or a correction is running.';
CREATE FUNCTION stocksync.run_cost(p_run_id bigint) RETURNS TABLE(step text, seconds numeric, done jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select c.value ->> 'step', (c.value ->> 'seconds')::numeric, c.value -> 'done'
    from stocksync.runs as u
    cross join jsonb_array_elements(u.cost) with ordinality as c (value, position)
    where u.id = p_run_id
    order by c.position;
$$;
COMMENT ON FUNCTION stocksync.run_cost(p_run_id bigint) IS 'The steps of a run: name, seconds, and what each dealt with. Empty for an unknown run.';
CREATE PROCEDURE stocksync.run_job(INOUT p_job_id bigint DEFAULT NULL::bigint, IN p_worker text DEFAULT NULL::text)
    LANGUAGE plpgsql
    AS $$
declare
    v_job stocksync.jobs;
    v_run_id bigint;
begin
    -- Whatever the session's default: the queue is read with a snapshot of now. Chained
    -- transactions inherit it.
    commit;
    set transaction isolation level read committed;
    perform stocksync.reap_jobs();
    commit and chain;
    select * into v_job from stocksync._take_job(p_worker);
    p_job_id := v_job.id;
    commit and chain;
    if p_job_id is null then
        return;
    end if;
    raise notice 'job % begins: %, attempt %', v_job.id, v_job.subject, v_job.attempts;
    case v_job.task
        when 'sync' then
            call stocksync.sync(
                v_run_id,
                (v_job.arguments ->> 'product_id')::bigint,
                (v_job.arguments ->> 'since')::timestamptz,
                v_job.arguments ? 'force'
            );
        when 'refresh' then
            call stocksync.refresh(v_run_id);
        when 'audit' then
            call stocksync.audit(v_run_id);
    end case;
    perform stocksync._finish_job(v_job.id, v_job.attempts, v_run_id);
    commit;
end;
$$;
COMMENT ON PROCEDURE stocksync.run_job(INOUT p_job_id bigint, IN p_worker text) IS 'Takes the job that has been due for longest, runs it, and returns its number; null if none is due. p_job_id is only returned. p_worker: a name that nobody else uses, for stocksync.tick(); null: a name is made. Set statement_timeout before, with stocksync.use_job_timeout() or for the role. After an error call stocksync.fail_job(), or leave the job to stocksync.reap_jobs(). Not inside a transaction block.';
CREATE FUNCTION stocksync.schedule_status() RETURNS TABLE(task text, cron text, is_enabled boolean, time_zone text, last_run_at timestamp with time zone, last_finished_at timestamp with time zone, workers bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select c.task, c.cron, c.is_enabled, s.time_zone,
        (
            select max(u.started_at)
            from stocksync.runs as u
            where u.command = c.task
        ),
        r.finished_at,
        (
            select count(*)
            from pg_stat_activity as a
            where a.datname = current_database() and a.application_name = 'stocksync worker'
        )
    from stocksync.schedules as c
    cross join stocksync.settings as s
    left join stocksync._last_run as r on r.command = c.task
    order by c.task;
$$;
COMMENT ON FUNCTION stocksync.schedule_status() IS 'What runs when: each task with its times as in crontab(5), the time zone they are meant in, when it was last begun and last completed (null: never), and the number of workers that are connected and keep the schedule.';
CREATE FUNCTION stocksync.show_job(p_job_id bigint) RETURNS stocksync.jobs
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_job stocksync.jobs;
begin
    select * into v_job from stocksync.jobs as j where j.id = p_job_id;
    if not found then
        raise exception 'job % does not exist', p_job_id
            using errcode = 'no_data_found',
                  hint = 'List the jobs with "stocksync jobs list".';
    end if;
    return v_job;
end;
$$;
COMMENT ON FUNCTION stocksync.show_job(p_job_id bigint) IS 'One job with all its columns. Raises no_data_found for an unknown number.';
CREATE FUNCTION stocksync.stage_archive(p_header text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if to_regclass('pg_temp.stocksync_archive') is not null then
        drop table pg_temp.stocksync_archive;
    end if;
    create temporary table stocksync_archive (like public.stock_movements) on commit drop;
    grant select, insert on table pg_temp.stocksync_archive to public; -- that is this session
    -- A session's habits must not decide what a file says, now or in ten years: until the end of the
    -- transaction only ISO 8601 is read.
    set local datestyle = 'ISO, YMD';
    -- COPY compares the names, and so refuses what is neither.
    return (
        select format(
            'copy pg_temp.stocksync_archive (%s) from stdin with (format csv, header match, encoding ''UTF8'')',
            string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        )
        from pg_attribute as a
        where a.attrelid = 'public.stock_movements'::regclass
            and a.attnum > 0
            and not a.attisdropped
            and (a.attname not in ('batch_id', 'batch_number', 'expiry_date')
                or p_header is null
                or a.attname = any (string_to_array(rtrim(p_header, E'\r\n'), ',')))
    );
end;
$$;
COMMENT ON FUNCTION stocksync.stage_archive(p_header text) IS 'Makes the temporary table stocksync_archive, until the end of the transaction, and returns the COPY that fills it from the file of an archive whose first line is p_header; null: of one written by this version. From psql: begin; select it; \copy stocksync_archive (columns as in the first line) from FILE with (format csv, header match, encoding ''UTF8''). Reads dates in ISO 8601 only.';
CREATE FUNCTION stocksync.stage_import(p_kind text, p_columns text[]) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    v_names text;
    v_hint text;
begin
    -- 1. The header.
    if not exists (select from stocksync.import_columns(p_kind)) then
        raise exception 'there is no import of "%"', p_kind
            using errcode = 'invalid_parameter_value',
                  hint = 'Import "products", "movements", "counts" or "balances".';
    end if;
    select string_agg(format('"%s"', g.name), ', ' order by g.position) into v_names
    from unnest(p_columns) with ordinality as g (name, position)
    where g.name not in (select c.column_name from stocksync.import_columns(p_kind) as c);
    if v_names is not null then
        raise exception 'unknown column %', v_names
            using errcode = 'undefined_column',
                  hint = format('The first line of a file names its columns; those of %s are %s.',
                      p_kind,
                      (
                          select string_agg(c.column_name, ', ')
                          from stocksync.import_columns(p_kind) as c
                          where c.refused_because is null
                      ));
    end if;
    select c.column_name, c.refused_because into v_names, v_hint
    from unnest(p_columns) with ordinality as g (name, position)
    join stocksync.import_columns(p_kind) as c on c.column_name = g.name
    where c.refused_because is not null
    order by g.position
    limit 1;
    if found then
        raise exception 'column "%" cannot be imported', v_names
            using errcode = 'invalid_parameter_value', hint = v_hint;
    end if;
    select g.name into v_names
    from unnest(p_columns) as g (name)
    group by g.name
    having count(*) > 1
    limit 1;
    if found then
        raise exception 'column "%" is there twice', v_names
            using errcode = 'duplicate_column';
    end if;
    select string_agg(c.column_name, ' or ') into v_names
    from stocksync.import_columns(p_kind) as c
    where c.required_as is not null
    group by c.required_as
    having not bool_or(c.column_name = any (coalesce(p_columns, '{}')))
    limit 1;
    if found then
        raise exception 'there is no column %', v_names
            using errcode = 'undefined_column',
                  hint = 'Every line must have one.';
    end if;
    -- 2. The table, anew if this transaction has imported before.
    if to_regclass('pg_temp.stocksync_import') is not null then
        drop table pg_temp.stocksync_import;
    end if;
    create temporary table stocksync_import (
        -- for who loads with \copy: the first line is the header
        line bigint generated by default as identity (start with 2),
        problem text,
        sku text,
        name text,
        status text,
        is_deleted text,
        allow_negative text,
        reorder_point text,
        product_id text,
        location text,
        location_id text,
        movement_type text,
        transaction_type text,
        quantity text,
        occurred_at text,
        counted_at text,
        unit_cost text,
        tracks_batches text,
        batch_strategy text,
        reference text,
        idempotency_key text,
        user_id text,
        notes text,
        metadata text,
        batch_number text,
        expiry_date text
    ) on commit drop;
    -- Many programs write an empty cell as "", which COPY would take for an empty text.
    return (
        select format(
            'copy pg_temp.stocksync_import (line, problem, %1$s) from stdin with (format csv, force_null (%1$s))',
            string_agg(quote_ident(g.name), ', ' order by g.position)
        )
        from unnest(p_columns) with ordinality as g (name, position)
    );
end;
$_$;
COMMENT ON FUNCTION stocksync.stage_import(p_kind text, p_columns text[]) IS 'Makes the temporary table stocksync_import, until the end of the transaction, for a file of "products", "movements", "counts" or "balances" with these columns, and returns the COPY that fills it. From psql: begin; select it; \copy stocksync_import (sku, ...) from FILE with (format csv, header); select * from stocksync.import_movements(); commit. Lines with a problem, if the loader says one, are told by stocksync.import_problems(). Raises invalid_parameter_value for an unknown kind or a column that is not imported, undefined_column for one that is unknown or missing, duplicate_column.';
CREATE FUNCTION stocksync.stock(p_sku text DEFAULT NULL::text, p_below numeric DEFAULT NULL::numeric) RETURNS TABLE(product_id bigint, sku text, name text, quantity_on_hand numeric, status text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform stocksync.product_id(p_sku); -- raises for an unknown one
    return query
    select s.product_id, s.sku, s.name, s.quantity_on_hand, s.status
    from public.stock_on_hand as s
    where (p_sku is null or s.sku = p_sku)
        and (p_below is null or s.quantity_on_hand < p_below)
        and (p_sku is not null or not s.is_deleted)
    order by s.sku;
end;
$$;
COMMENT ON FUNCTION stocksync.stock(p_sku text, p_below numeric) IS 'The stock of one product, or of all that are not deleted; with p_below only where it is lower than that. Raises no_data_found for an unknown sku.';
CREATE FUNCTION stocksync.stock_as_of(p_at timestamp with time zone, p_product_id bigint DEFAULT NULL::bigint, p_location_id bigint DEFAULT NULL::bigint, p_known_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(product_id bigint, sku text, name text, quantity numeric)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform stocksync.check_scope(p_product_id, null);
    if p_location_id is not null
        and not exists (select from public.locations as l where l.id = p_location_id)
    then
        raise exception 'location % does not exist', p_location_id
            using errcode = 'no_data_found',
                  hint = 'List the locations with: select * from locations.';
    end if;
    return query
    select p.id, p.sku, p.name, coalesce(u.quantity, 0)
    from public.products as p
    left join (
        select s.product_id, trim_scale(sum(s.quantity)) as quantity
        from stocksync._stock_at(
            case when p_product_id is not null then array[p_product_id] end, p_at, p_known_at
        ) as s
        where p_location_id is null or s.location_id = p_location_id
        group by s.product_id
    ) as u on u.product_id = p.id
    where (p_product_id is null or p.id = p_product_id)
        and (p_product_id is not null or not p.is_deleted or u.quantity <> 0)
    order by p.sku;
end;
$$;
COMMENT ON FUNCTION stocksync.stock_as_of(p_at timestamp with time zone, p_product_id bigint, p_location_id bigint, p_known_at timestamp with time zone) IS 'The stock, in units, of the movements that occurred until p_at, inclusive: of one product or of all, at one location or at all. p_known_at: as it was recorded until then ("what we were told by 3 May about 30 April"); null for all that is known now. A null p_at leaves nothing out. Raises no_data_found for an unknown product or location, SS006 where it needs movements that are archived. In a transaction that has written movements, call it after "set constraints all immediate".';
CREATE FUNCTION stocksync.stock_history(p_product_id bigint, p_from timestamp with time zone, p_to timestamp with time zone, p_step interval DEFAULT '1 day'::interval, p_location_id bigint DEFAULT NULL::bigint) RETURNS TABLE(at timestamp with time zone, quantity numeric)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET plan_cache_mode TO 'force_custom_plan'
    SET jit TO 'off'
    SET "TimeZone" TO 'UTC'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_most constant integer := 100000;
    v_zone constant text := (select s.time_zone from stocksync.settings as s);
    v_points timestamptz[];
    v_quantity numeric;
begin
    if num_nulls(p_product_id, p_from, p_to, p_step) > 0 then
        raise exception 'product, from, to and step must not be null'
            using errcode = 'null_value_not_allowed',
                  hint = 'Only the location may be: null is all of them.';
    elsif not (isfinite(p_from) and isfinite(p_to)) then
        raise exception 'a curve needs a beginning and an end'
            using errcode = 'invalid_parameter_value', hint = 'Give finite times.';
    elsif p_from > p_to then
        raise exception '% is after %', p_from, p_to
            using errcode = 'invalid_parameter_value', hint = 'Give the earlier time first.';
    elsif not p_step > interval '0'
        -- "1 month -29 days" goes back in February
        or least(
            extract(year from p_step), extract(month from p_step), extract(day from p_step),
            extract(hour from p_step), extract(minute from p_step), extract(second from p_step)
        ) < 0
    then
        raise exception 'the step must be longer than zero'
            using errcode = 'invalid_parameter_value', hint = 'Give one like "1 day" or "1 hour".';
    end if;
    perform stocksync.check_scope(p_product_id, null);
    -- 1. The times. Steps of days, weeks and months are those of the shop's calendar. A step beyond
    -- the end could leave what a time can be.
    perform set_config('timezone', v_zone, true);
    v_points := array(
        select p.at
        -- a step may be shorter than its usual length: February, the day of a clock change
        from generate_series(0, least(v_most, 2 + ceil(
            1.1 * extract(epoch from p_to - p_from) / extract(epoch from p_step)
        ))::integer) as n
        cross join lateral (
            -- From the beginning and never from the point before: the end of a month is not that of
            -- a shorter one. The last instant of a day is a step from the beginning of the next.
            select (p_from + interval '1 microsecond') + n * least(
                p_step, p_to - p_from + interval '1 day'
            ) - interval '1 microsecond' as at
        ) as p
        where p.at <= p_to
        limit v_most
    );
    if cardinality(v_points) = v_most then
        raise exception 'a curve has less than % points', v_most
            using errcode = 'program_limit_exceeded', hint = 'Give a longer step.';
    elsif v_points[cardinality(v_points)] < p_to then
        v_points := v_points || p_to;
    end if;
    -- 2. Of a day that is not whole the movements must be there.
    perform stocksync._check_archives(null, null, null, null, l.before, l.day)
    from stocksync._curve_days(v_points, v_zone) as l
    where exists (select from stocksync.archives as a where a.restored_at is null);
    v_quantity := coalesce(
        (
            select sum(s.quantity)
            from stocksync._stock_at(array[p_product_id], p_from, null) as s
            where p_location_id is null or s.location_id = p_location_id
        ),
        0
    );
    -- 3. The stock at each: of the first, and the difference from there of the days that were over
    -- and of the rest of a day.
    return query
    with day as materialized (
        select l.day, l.before, l.points from stocksync._curve_days(v_points, v_zone) as l
    ),
    turnover as (
        select t.day, sum(t.quantity) as quantity
        from (
            select d.day, d.location_id, d.quantity
            from stocksync.stock_daily as d
            where d.product_id = p_product_id
            union all
            select j.day, j.location_id, j.quantity
            from stocksync._journal as w
            cross join unnest(w.lines) as j
            where j.product_id = p_product_id
        ) as t
        where t.day >= (select min(l.day) from day as l)
            and t.day < (select max(l.day) from day as l)
            and (p_location_id is null or t.location_id = p_location_id)
        group by t.day
    ),
    whole as (
        -- what was over when a day with times began
        select b.day, sum(sum(b.quantity)) over (order by b.day) - sum(b.quantity) as quantity
        from (
            select t.day, t.quantity from turnover as t
            union all
            select l.day, 0 from day as l
        ) as b
        group by b.day
    ),
    change as (
        select l.day, m.occurred_at as at,
            case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity,
            false as is_point
        from day as l
        join public.stock_movements as m
            on m.product_id = p_product_id
            and m.occurred_at >= (l.day::timestamp at time zone v_zone) - interval '2 hours'
            and m.occurred_at < l.before
            and (m.occurred_at at time zone v_zone)::date >= l.day
            and (p_location_id is null or m.location_id = p_location_id)
        union all
        select l.day, p, 0, true
        from day as l
        cross join unnest(l.points) as p
    ),
    part as (
        select c.day, c.at, c.is_point,
            sum(c.quantity) over (partition by c.day order by c.at) as quantity
        from change as c
    ),
    moment as (
        select p.at, w.quantity + p.quantity as quantity
        from part as p
        join whole as w on w.day = p.day
        where p.is_point
    )
    select m.at,
        trim_scale(v_quantity + m.quantity - first_value(m.quantity) over (order by m.at))
    from moment as m
    order by m.at;
end;
$$;
COMMENT ON FUNCTION stocksync.stock_history(p_product_id bigint, p_from timestamp with time zone, p_to timestamp with time zone, p_step interval, p_location_id bigint) IS 'The stock of a product, at one location or at all (null), at p_from and every p_step after it until p_to, and at p_to: each what stocksync.stock_as_of() returns for that time. Steps of days and longer follow the calendar of the shop. Raises no_data_found for an unknown product, null_value_not_allowed, invalid_parameter_value for times in the wrong order or a step that is not longer than zero, program_limit_exceeded for 100,000 points or more, SS006 where it needs movements that are archived. In a transaction that has written movements, call it after "set constraints all immediate".';
CREATE FUNCTION stocksync.stock_known_at(p_known_at timestamp with time zone, p_product_id bigint DEFAULT NULL::bigint, p_location_id bigint DEFAULT NULL::bigint) RETURNS TABLE(product_id bigint, sku text, name text, quantity numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select *
    from stocksync.stock_as_of(null, p_product_id, p_location_id, p_known_at);
$$;
COMMENT ON FUNCTION stocksync.stock_known_at(p_known_at timestamp with time zone, p_product_id bigint, p_location_id bigint) IS 'The stock of the movements that were recorded until then, inclusive, whenever they occurred, in the versions of then: of one product or of all, at one location or at all. Raises as stocksync.stock_as_of() does.';
CREATE PROCEDURE stocksync.sync(INOUT p_run_id bigint DEFAULT NULL::bigint, IN p_product_id bigint DEFAULT NULL::bigint, IN p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, IN p_force boolean DEFAULT false)
    LANGUAGE plpgsql
    AS $$
declare
    v_ids bigint[];
begin
    -- Whatever the session's default: each measurement needs a snapshot younger than the lock, and
    -- at SERIALIZABLE even a run that corrects nothing could fail. Chained transactions inherit it.
    commit;
    set transaction isolation level read committed;
    p_run_id := stocksync._start_run('sync', p_product_id, p_since, p_force);
    commit and chain;
    select pg_catalog.array_agg(d.product_id order by d.product_id) into v_ids
    from stocksync.discrepancies(
        case when p_product_id is not null then array[p_product_id] end, p_since, p_force
    ) as d;
    call stocksync._correct_all(p_run_id, v_ids, p_since, p_force);
    perform stocksync._finish_run(p_run_id);
    commit;
end;
$$;
COMMENT ON PROCEDURE stocksync.sync(INOUT p_run_id bigint, IN p_product_id bigint, IN p_since timestamp with time zone, IN p_force boolean) IS 'Corrects every product whose stored quantities differ from its movements, by adding the difference; each correction is a row in stocksync.incidents. Returns the number of the run. p_product_id: only this product. p_since: only products with movements that occurred or were recorded since then. p_force: compare the roll-up bucket by bucket too. Not inside a transaction block. Raises no_data_found for an unknown product, invalid_parameter_value for a time in the future.';
CREATE FUNCTION stocksync.sync_dry_run(p_product_id bigint DEFAULT NULL::bigint, p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_force boolean DEFAULT false) RETURNS TABLE(product_id bigint, sku text, name text, quantity_on_hand numeric, total_stock numeric, rolled_up numeric, ledger numeric, difference numeric, movements bigint, differs text[])
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform stocksync.check_scope(p_product_id, p_since);
    return query
    select d.*
    from stocksync.discrepancies(
        case when p_product_id is not null then array[p_product_id] end, p_since, p_force
    ) as d
    order by d.product_id;
end;
$$;
COMMENT ON FUNCTION stocksync.sync_dry_run(p_product_id bigint, p_since timestamp with time zone, p_force boolean) IS 'What stocksync.sync() with the same arguments would correct, of one snapshot; the columns are those of stocksync.discrepancies(). Changes nothing. Raises no_data_found for an unknown product, invalid_parameter_value for a time in the future.';
CREATE FUNCTION stocksync.take_alerts(p_channel text, p_at timestamp with time zone DEFAULT clock_timestamp()) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_lapses_after constant interval := '2 minutes';
    v_listed constant bigint := 50; -- of each rule
    v_settings stocksync.settings;
    v_channel stocksync.alert_channels;
    v_message jsonb;
begin
    -- Only then, since even "do nothing" would wait for another one who is taking.
    if not exists (select from stocksync.alert_channels as c where c.channel = p_channel) then
        insert into stocksync.alert_channels (channel, known_since) values (p_channel, p_at)
        on conflict do nothing;
    end if;
    select * into v_channel
    from stocksync.alert_channels as c
    where c.channel = p_channel
    for no key update skip locked;
    select * into v_settings from stocksync.settings;
    if v_channel.channel is null -- another one is taking
        or v_channel.claimed_at > p_at - v_lapses_after
        or v_channel.retry_at > p_at
        or v_channel.sent_at > p_at - v_settings.alert_every
    then
        return null;
    end if;
    with open as (
        select a.id, d.sent_at
        from stocksync.alerts as a
        left join stocksync.alert_deliveries as d on d.alert_id = a.id and d.channel = p_channel
        where a.resolved_at is null
            and a.rule = any (v_settings.alert_rules)
    ),
    due as (
        select o.id, case when o.sent_at is null then 'raised' else 'reminder' end as event
        from open as o
        where o.sent_at is null
            -- When one must be told again, all are that will have to be soon: one reminder, not one
            -- for each at its own hour.
            or (
                o.sent_at <= p_at - v_settings.remind_every / 2
                and exists (
                    select from open as x where x.sent_at <= p_at - v_settings.remind_every
                )
            )
        union all
        select a.id, 'resolved'
        from stocksync.alerts as a
        left join stocksync.alert_deliveries as d on d.alert_id = a.id and d.channel = p_channel
        -- Not at once, since it may come back. Each message tells all that are due, so those of
        -- long before the last one need no look; an hour is longer than any transaction of ours.
        where a.resolved_at <= p_at - v_settings.alert_every
            and a.resolved_at > coalesce(v_channel.sent_at, v_channel.known_since)
                - v_settings.alert_every - interval '1 hour'
            and a.rule = any (v_settings.alert_rules)
            and d.resolution_sent_at is null
            -- raised and resolved before anybody could be told: told now, but nothing older than
            -- the channel
            and (d.sent_at is not null or a.resolved_at >= v_channel.known_since)
            -- the next one of the same is told instead
            and not exists (
                select
                from stocksync.alerts as x
                where x.rule = a.rule and x.subject = a.subject and x.id > a.id
            )
    ),
    taken as (
        insert into stocksync.alert_deliveries as d (alert_id, channel, delivery, event)
        select u.id, p_channel, v_channel.delivery + 1, u.event
        from due as u
        on conflict (alert_id, channel) do update set
            delivery = excluded.delivery,
            event = excluded.event
        returning d.alert_id, d.event
    ),
    line as (
        select t.event, a.*,
            array_position('{raised,reminder,resolved}'::text[], t.event) as part,
            array_position('{critical,error,warning}'::text[], a.level) as urgency,
            row_number() over (
                partition by t.event, a.rule
                order by array_position('{critical,error,warning}'::text[], a.level), a.message
            ) as position
        from taken as t
        join stocksync.alerts as a on a.id = t.alert_id
    )
    select jsonb_build_object(
        'channel', p_channel,
        'delivery', v_channel.delivery + 1,
        'database', current_database(),
        'counts', (
            select jsonb_agg(
                jsonb_build_object('event', n.event, 'rule', n.rule, 'count', n.count)
                order by n.part, n.rule
            )
            from (
                select l.part, l.event, l.rule, count(*) as count from line as l group by 1, 2, 3
            ) as n
        ),
        'alerts', jsonb_agg(
            jsonb_build_object(
                'id', l.id, 'event', l.event, 'rule', l.rule, 'subject', l.subject,
                'level', l.level, 'message', l.message, 'context', l.context,
                'raised_at', l.raised_at, 'resolved_at', l.resolved_at
            )
            order by l.part, l.urgency, l.rule, l.position
        ) filter (where l.position <= v_listed)
    )
    into v_message
    from line as l
    having count(*) > 0;
    if v_message is not null then
        update stocksync.alert_channels as c
        set delivery = c.delivery + 1, claimed_at = p_at
        where c.channel = p_channel;
    end if;
    return v_message;
end;
$$;
COMMENT ON FUNCTION stocksync.take_alerts(p_channel text, p_at timestamp with time zone) IS 'What this channel is to be told now: new alerts, reminders and resolutions, as one JSON object with their counts and at most 50 of each kind and rule; null if there is nothing, if the channel was told less than settings.alert_every ago, or while another session is sending. Commit, send it, and call stocksync.alerts_sent(channel, delivery): what is not reported sent is handed out again after two minutes.';
CREATE PROCEDURE stocksync.take_snapshot(IN p_at timestamp with time zone DEFAULT NULL::timestamp with time zone, IN p_note text DEFAULT ''::text, INOUT p_snapshot_id bigint DEFAULT NULL::bigint)
    LANGUAGE plpgsql
    AS $$
declare
    v_known_at timestamptz;
begin
    -- Whatever the session's default: each step needs a snapshot of its own. Chained transactions
    -- inherit it.
    commit;
    set transaction isolation level read committed;
    perform stocksync.check_scope(null, p_at);
    if p_at = '-infinity' then
        raise exception 'there is no stock at %', p_at
            using errcode = 'invalid_parameter_value',
                  hint = 'Give a time, or null for now.';
    end if;
    v_known_at := pg_catalog.clock_timestamp();
    call stocksync._wait_for_writers();
    p_snapshot_id := stocksync._store_snapshot(coalesce(p_at, v_known_at), v_known_at, p_note);
    commit;
end;
$$;
COMMENT ON PROCEDURE stocksync.take_snapshot(IN p_at timestamp with time zone, IN p_note text, INOUT p_snapshot_id bigint) IS 'Stores the stock of each product at each location as of p_at (null: now), as it is known now, and returns the number of the snapshot, which stocksync.restore() can start from. Waits for transactions that are writing movements; nobody waits for it. Not inside a transaction block. Raises invalid_parameter_value for a time in the future or without end, SS006 where it needs movements that are archived.';
CREATE FUNCTION stocksync.tg__back_dated__check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_effects stocksync._effect[];
    r record;
begin
    with taken as (
        delete from stocksync._back_dated as b where b.xid = new.xid returning b.effects
    )
    select array_agg(e) into v_effects
    from taken as t
    cross join unnest(t.effects) as e;
    if v_effects is null then
        return null; -- another row's trigger has taken this one along
    end if;
    for r in
        with effect as (
            select e.product_id, e.at, sum(e.quantity) as quantity
            from unnest(v_effects) as e
            group by e.product_id, e.at
        ),
        since as (
            select e.product_id, min(e.at) as at
            from effect as e
            group by e.product_id
        ),
        change as (
            -- stock and, of it, what this transaction brought about
            select b.product_id, s.at - interval '1 microsecond' as at, b.quantity, 0 as effect
            from stocksync._stock_at(
                (select array_agg(s.product_id) from since as s),
                (select min(s.at) from since as s) - interval '1 microsecond',
                null
            ) as b
            join since as s on s.product_id = b.product_id
            union all
            select m.product_id, greatest(m.occurred_at, s.at - interval '1 microsecond'),
                case m.movement_type when 'in' then m.quantity else -m.quantity end, 0
            from since as s
            join public.stock_movements as m
                on m.product_id = s.product_id
                and m.occurred_at >= (select min(a.at) from since as a)
            union all
            select e.product_id, e.at, 0, e.quantity
            from effect as e
        ),
        moment as (
            select c.product_id, c.at,
                sum(sum(c.quantity)) over by_time as quantity,
                sum(sum(c.effect)) over by_time as effect
            from change as c
            group by c.product_id, c.at
            window by_time as (partition by c.product_id order by c.at)
        )
        select distinct on (o.product_id) o.product_id, p.sku, o.at, o.quantity, o.effect
        from moment as o
        join public.products as p on p.id = o.product_id
        cross join stocksync.settings as s
        where o.quantity < 0
            and o.quantity - o.effect >= 0
            and not coalesce(p.allow_negative, s.allow_negative)
        order by o.product_id, o.at
    loop
        raise exception 'insufficient stock of "%" on %', r.sku, r.at
            using errcode = 'SS001',
                  detail = format('There were %s then, and %s were asked for.',
                      trim_scale(r.quantity - r.effect), trim_scale(-r.effect)),
                  hint = 'Date the movement later, take less, or record first what had come in by then.',
                  schema = 'public', table = 'products', column = 'quantity_on_hand';
    end loop;
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg__back_dated__check() IS 'Raises SS001 where what the transaction dated back makes the stock of a product that refuses it negative at any moment since.';
CREATE FUNCTION stocksync.tg__pending__fold() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    -- In the one order in which everybody locks products.
    perform from public.products as p
    where p.id in (select o.product_id from old_rows as o)
    order by p.id
    for no key update;
    -- The changes of a product that is gone go with it.
    update public.products as p
    set quantity_on_hand = trim_scale(p.quantity_on_hand + d.quantity),
        total_stock = trim_scale(p.total_stock + d.quantity)
    from (
        select o.product_id, sum(o.quantity) as quantity
        from old_rows as o
        group by o.product_id
    ) as d
    where p.id = d.product_id;
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg__pending__fold() IS 'Adds the changes deleted from _pending to quantity_on_hand and total_stock of their products.';
CREATE FUNCTION stocksync.tg_incidents__correct() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    -- Nothing can be added to NaN or Infinity, and nothing was: what comes after starts from here.
    v_is_number constant boolean := abs(new.before) < 'Infinity';
begin
    update public.products as p
    set quantity_on_hand = case
            when new.class <> 'quantity_on_hand' then p.quantity_on_hand
            when v_is_number then trim_scale(p.quantity_on_hand + (new.after - new.before))
            else new.after
        end,
        total_stock = case
            when new.class <> 'total_stock' then p.total_stock
            when v_is_number then trim_scale(p.total_stock + (new.after - new.before))
            else new.after
        end
    where p.id = new.product_id;
    if not found then
        raise exception 'the stock of product % could not be updated', new.product_id
            using errcode = 'triggered_action_exception',
                  hint = 'The product is gone, or a trigger, rule or policy suppresses the update.',
                  schema = 'public', table = 'products', column = 'quantity_on_hand';
    end if;
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_incidents__correct() IS 'Adds the difference of an incident to the column of products that its class names. Raises triggered_action_exception if that changes no row.';
CREATE FUNCTION stocksync.tg_products__batches() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_opening stocksync._line[];
    v_location text;
    v_quantity numeric;
begin
    -- Not a check of the table: that would be prepared again for every movement that settles.
    if coalesce(new.batch_strategy not in ('fefo', 'fifo', 'lifo'), true) then
        raise exception 'unknown batch strategy "%"', new.batch_strategy
            using errcode = 'check_violation',
                  hint = 'Use "fefo", "fifo" or "lifo".',
                  schema = 'public', table = 'products', column = 'batch_strategy',
                  constraint = 'products_batch_strategy_known';
    end if;
    if tg_op = 'INSERT' or old.tracks_batches = new.tracks_batches then
        return null;
    end if;
    -- What this transaction has written is in the stock by place already.
    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle deferred;
    if new.tracks_batches then
        select
            array_agg(
                row(o.product_id, o.location_id, null, null, o.quantity, null)::stocksync._line
            ),
            (array_agg(o.location order by o.quantity))[1],
            min(o.quantity)
        into v_opening, v_location, v_quantity
        from stocksync.opening_batches(array[new.id]) as o;
        if v_quantity < 0 then
            raise exception 'insufficient stock of "%"', new.sku
                using errcode = 'SS001',
                      detail = format('There are %s%s, and no batch can have less than nothing.',
                          v_quantity, case when v_location is not null then format(' at "%s"', v_location) end),
                      hint = 'Count it first, with "stocksync count".',
                      schema = 'public', table = 'products', column = 'tracks_batches';
        end if;
        perform stocksync._adjust_opening(v_opening);
    else
        update public.stock_batches as b
        set status = 'retired'
        where b.product_id = new.id and b.status <> 'retired';
    end if;
    perform stocksync._write_log(
        'info',
        case when new.tracks_batches then 'batch tracking switched on'
            else 'batch tracking switched off' end,
        new.id,
        jsonb_build_object('sku', new.sku)
    );
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_products__batches() IS 'Makes opening batches where a product begins to track batches, retires its batches where it ceases to. Raises SS001 where its stock is below zero at a place, check_violation for an unknown strategy.';
CREATE FUNCTION stocksync.tg_products__guard() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_before numeric := 0;
    v_before_total numeric := 0;
    v_mode text;
begin
    if tg_op = 'UPDATE' then
        v_before := old.quantity_on_hand;
        v_before_total := old.total_stock;
    end if;
    if new.quantity_on_hand = v_before and new.total_stock = v_before_total then
        return null;
    end if;
    -- NaN and Infinity would survive every later addition: no correction could heal them.
    if not (abs(new.quantity_on_hand) < 'Infinity' and abs(new.total_stock) < 'Infinity') then
        raise exception 'the stock of "%" must be a finite number', new.sku
            using errcode = 'check_violation',
                  schema = 'public', table = 'products', column = 'quantity_on_hand',
                  constraint = 'products_stock_finite';
    end if;
    -- An ORM that saves all columns of a row must not fail for it.
    select case when stocksync._is_application() then 'keep_out' else s.manual_updates end
    into v_mode
    from stocksync.settings as s;
    if v_mode = 'refuse' then
        raise exception 'the stock of "%" is derived from its movements', new.sku
            using errcode = 'SS003',
                  hint = 'Insert a movement, for example of type stock_count_correction.',
                  schema = 'public', table = 'products', column = 'quantity_on_hand';
    end if;
    perform stocksync._write_log(
        'warning',
        case v_mode
            when 'keep_out' then 'manual update of stock kept out'
            else 'manual update of stock'
        end,
        new.id,
        jsonb_build_object(
            'sku', new.sku,
            'old_stock', v_before, 'new_stock', new.quantity_on_hand,
            'old_total', v_before_total, 'new_total', new.total_stock
        )
    );
    -- The difference is taken back, not the old value put back: what has settled since then, after
    -- SET CONSTRAINTS ... IMMEDIATE, is kept.
    if v_mode = 'keep_out' then
        update public.products as p
        set quantity_on_hand = trim_scale(p.quantity_on_hand - (new.quantity_on_hand - v_before)),
            total_stock = trim_scale(p.total_stock - (new.total_stock - v_before_total))
        where p.id = new.id;
    end if;
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_products__guard() IS 'Keeps a manual change of the derived columns out if an application made it; otherwise does as stocksync.settings.manual_updates says. Raises SS003 where that refuses it.';
CREATE FUNCTION stocksync.tg_products__identity() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_product_id bigint;
begin
    if tg_op = 'UPDATE' then
        raise exception 'the number of product % cannot change', old.id
            using errcode = 'restrict_violation',
                  hint = 'Insert a new product; change the sku to rename one.',
                  schema = 'public', table = 'products', column = 'id',
                  constraint = 'products_id_is_fixed';
    end if;
    if tg_op = 'DELETE' then
        select min(o.id) into v_product_id
        from old_rows as o
        join public.products as p on p.id = o.id;
        if v_product_id is not null then
            raise exception 'product % is deleted and inserted again in one statement', v_product_id
                using errcode = 'restrict_violation',
                      hint = 'Use two statements, so that the movements of the old product settle in between.',
                      schema = 'public', table = 'products', column = 'id',
                      constraint = 'products_id_is_fixed';
        end if;
        -- Counts are kept, but say nothing of the next product of that number.
        update stocksync.counts as c
        set balance = null
        from old_rows as o
        where c.product_id = o.id and c.balance is not null;
    else
        update stocksync.counts as c set balance = null where c.balance is not null;
    end if;
    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle deferred;
    -- A foreign key would refuse every TRUNCATE that does not name a table of ours.
    if tg_op = 'DELETE' then
        select min(o.id) into v_product_id
        from old_rows as o
        where exists (select from stocksync.archived_daily as a where a.product_id = o.id);
    else
        select min(a.product_id) into v_product_id from stocksync.archived_daily as a;
    end if;
    if v_product_id is not null then
        raise exception 'product % has archived movements', v_product_id
            using errcode = 'foreign_key_violation',
                  hint = 'Keep the product, and set is_deleted instead.',
                  schema = 'public', table = 'products', column = 'id',
                  constraint = 'products_archived_is_kept';
    end if;
    -- Its batches go with it, and what waits for it, before another can take its number.
    with gone as (
        delete from public.stock_batches as b
        where not exists (select from public.products as p where p.id = b.product_id)
        returning b.id
    ),
    consumed as (
        delete from public.batch_consumptions as c using gone as g where c.batch_id = g.id
    )
    delete from public.batch_receipts as c using gone as g where c.batch_id = g.id;
    delete from stocksync._pending as q
    where not exists (select from public.products as p where p.id = q.product_id);
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_products__identity() IS 'Settles at once where products are deleted or truncated. Raises restrict_violation if the number of a product changes, foreign_key_violation if one with archived movements goes.';
CREATE FUNCTION stocksync.tg_settings__guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception 'the settings cannot be removed'
        using errcode = 'restrict_violation',
              hint = 'Update the row instead.',
              schema = 'stocksync', table = 'settings',
              constraint = 'settings_row_is_fixed';
end;
$$;
COMMENT ON FUNCTION stocksync.tg_settings__guard() IS 'Raises restrict_violation where the row of settings is deleted or truncated.';
CREATE FUNCTION stocksync.tg_settings__time_zone() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    -- The server also takes what looks like a POSIX zone, "nonsense5" for example.
    if not exists (select from pg_timezone_names as z where z.name = new.time_zone) then
        raise exception 'time zone "%" does not exist', new.time_zone
            using errcode = 'invalid_parameter_value',
                  hint = 'Use a name of pg_timezone_names, like "Europe/Paris".',
                  schema = 'stocksync', table = 'settings', column = 'time_zone';
    end if;
    -- An older snapshot would miss movements that were committed since.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'the time zone can only be changed at READ COMMITTED'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin the transaction with isolation level read committed.',
                  schema = 'stocksync', table = 'settings', column = 'time_zone';
    end if;
    -- 1. Nobody else counts: no roll-up, no correction, no writer.
    perform pg_advisory_xact_lock(stocksync._lock_key('roll_up'));
    lock table public.stock_movements in share row exclusive mode;
    -- 2. Settled later, this transaction's own lines would be counted twice, in days of two zones.
    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle deferred;
    -- 3. All days anew.
    delete from stocksync._journal;
    delete from stocksync.stock_daily;
    delete from stocksync.stock_total;
    insert into stocksync._journal (lines, is_settled)
    select array_agg(l), true
    from stocksync._roll_up_differences(null) as l
    having count(*) > 0;
    perform stocksync.roll_up();
    perform stocksync._write_log(
        'warning', 'time zone changed',
        p_context => jsonb_build_object('before', old.time_zone, 'after', new.time_zone)
    );
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_settings__time_zone() IS 'Counts all days of the roll-up anew in the new time zone. Raises invalid_parameter_value for a zone that does not exist, object_not_in_prerequisite_state above READ COMMITTED.';
CREATE FUNCTION stocksync.tg_stock_movements__capture_delete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if stocksync._has_pass() then
        return null;
    end if;
    perform stocksync._refuse_closed((select min(o.occurred_at) from old_rows as o));
    perform stocksync._capture(
        array_agg(row(
            c.product_id, c.location_id, c.day, c.transaction_type, c.quantity, c.movements
        )::stocksync._line),
        min(c.first_at),
        null,
        (
            select array_agg(o.id)
            from old_rows as o
            where (select p.tracks_batches from public.products as p where p.id = o.product_id)
        )
    )
    from (
        select
            o.product_id,
            o.location_id,
            (o.occurred_at at time zone s.time_zone)::date as day,
            o.transaction_type,
            sum(case o.movement_type when 'in' then -o.quantity else o.quantity end) as quantity,
            -count(*)::integer as movements,
            min(o.occurred_at) as first_at
        from old_rows as o
        cross join stocksync.settings as s
        group by 1, 2, 3, 4
    ) as c;
    if stocksync._refuses_negative() then
        insert into stocksync._back_dated (effects)
        select array_agg(row(
            o.product_id, o.occurred_at,
            case o.movement_type when 'in' then -o.quantity else o.quantity end
        )::stocksync._effect)
        from old_rows as o
        join public.products as p on p.id = o.product_id
        cross join stocksync.settings as s
        where not coalesce(p.allow_negative, s.allow_negative)
        having count(*) > 0;
    end if;
    perform stocksync._log_changed_movements(
        'movements deleted', (select array_agg(o.id order by o.id) from old_rows as o)
    );
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_stock_movements__capture_delete() IS 'Captures deleted movements and logs a warning. Raises SS005 where the period is closed.';
CREATE FUNCTION stocksync.tg_stock_movements__capture_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_lines stocksync._line[];
    v_is_valid boolean;
    v_has_reversals boolean;
    v_has_changed boolean;
    v_first_at timestamptz;
    v_closed timestamptz;
    v_has_archived boolean;
    v_tracks_batches boolean;
    v_booked_ids bigint[];
begin
    select
        array_agg(row(
            c.product_id, c.location_id, c.day, c.transaction_type,
            case c.movement_type when 'in' then c.quantity else -c.quantity end, c.movements
        )::stocksync._line),
        bool_and(coalesce(
            -- not a join: most statements insert one row, and a join costs them more to set up
            (c.movement_type = (
                select t.movement_type
                from public.transaction_types as t
                where t.name = c.transaction_type
            )) <> c.is_reversal,
            false
        )),
        bool_or(c.is_reversal),
        min(c.first_at),
        min(c.before),
        bool_or(c.has_archived),
        -- in an order, so that it is the index that is asked: half of a table of which nothing is known
        -- yet seems to track batches, and then all of it would be read in search of the first
        (select p.id from public.products as p where p.tracks_batches order by p.id limit 1) is not null
    into v_lines, v_is_valid, v_has_reversals, v_first_at, v_closed, v_has_archived,
        v_tracks_batches
    from (
        select
            n.product_id,
            n.location_id,
            (
                greatest(n.occurred_at, k.before)
                at time zone (select s.time_zone from stocksync.settings as s)
            )::date as day,
            n.transaction_type,
            n.movement_type,
            n.reverses_id is not null as is_reversal,
            sum(n.quantity) as quantity,
            count(*)::integer as movements,
            min(n.occurred_at) as first_at,
            k.before,
            k.has_archived
        from new_rows as n
        cross join stocksync._closed as k
        group by 1, 2, 3, 4, 5, 6, k.before, k.has_archived
    ) as c;
    if not v_is_valid then
        perform stocksync._check_type(n.transaction_type, n.movement_type)
        from new_rows as n
        where n.reverses_id is null;
    end if;
    if v_has_reversals then
        perform stocksync._check_reversal(n) from new_rows as n where n.reverses_id is not null;
    end if;
    if v_first_at < v_closed then
        if stocksync._has_pass() then
            return null;
        end if;
        if (select s.late_movements from stocksync.settings as s) = 'refuse' then
            perform stocksync._refuse_closed(v_first_at);
        end if;
        insert into stocksync.movement_history (
            operation, movement_id, product_id, location_id, movement_type, transaction_type,
            quantity, occurred_at, recorded_at, unit_cost, reference, idempotency_key, reverses_id,
            user_id, notes, metadata, batch_id, batch_number, expiry_date
        )
        select 'late', n.id, n.product_id, n.location_id, n.movement_type, n.transaction_type,
            n.quantity, n.occurred_at, n.recorded_at, n.unit_cost, n.reference, n.idempotency_key,
            n.reverses_id, n.user_id, n.notes, n.metadata, n.batch_id, n.batch_number,
            n.expiry_date
        from new_rows as n
        where n.occurred_at < v_closed;
        insert into stocksync._passes default values;
        update public.stock_movements as m
        set occurred_at = v_closed
        from new_rows as n
        where n.id = m.id and n.occurred_at < v_closed;
        delete from stocksync._passes as p where p.xid = pg_current_xact_id();
    end if;
    if v_has_archived then
        perform stocksync._refuse_archived_key(k)
        from new_rows as n
        join stocksync.archived_keys as k on k.idempotency_key = n.idempotency_key;
        -- Numbers grow, so that as a rule none is looked up.
        perform stocksync._refuse_archived_id(n.id)
        from new_rows as n
        join stocksync.archives as a on a.movement_ids @> n.id
        where a.restored_at is null
            and n.id < (
                select max(upper(u.movement_ids))
                from stocksync.archives as u
                where u.restored_at is null
            );
    end if;
    if v_tracks_batches then
        select array_agg(n.id) into v_booked_ids
        from new_rows as n
        -- not a join: a planner that knows of none that does would look at all that do for each row
        where (select p.tracks_batches from public.products as p where p.id = n.product_id);
    end if;
    v_has_changed := stocksync._capture(v_lines, greatest(v_first_at, v_closed), v_booked_ids);
    -- A clock of the application's that is slightly slow dates nothing back.
    if v_first_at < now() - interval '1 minute' and stocksync._refuses_negative() then
        insert into stocksync._back_dated (effects)
        select array_agg(row(
            n.product_id, greatest(n.occurred_at, v_closed),
            case n.movement_type when 'in' then n.quantity else -n.quantity end
        )::stocksync._effect)
        from new_rows as n
        join public.products as p on p.id = n.product_id
        cross join stocksync.settings as s
        where not coalesce(p.allow_negative, s.allow_negative)
        having count(*) > 0;
    end if;
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_stock_movements__capture_insert() IS 'Captures inserted movements. Raises foreign_key_violation for an unknown transaction type, check_violation for a contradicting direction or a reversal that does not match, SS005 where the period is closed and late movements are refused, unique_violation for the idempotency key or the number of an archived movement.';
CREATE FUNCTION stocksync.tg_stock_movements__capture_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_lines stocksync._line[];
    v_first_at timestamptz;
    v_rebooked_lines stocksync._line[];
    v_rebooked_ids bigint[];
    v_chosen_ids bigint[];
    v_changed bigint[];
begin
    if stocksync._has_pass() then
        return null;
    end if;
    -- 1. What is allowed. Reversals match their originals whichever of the two is updated.
    perform stocksync._check_type(
        n.transaction_type,
        case when n.reverses_id is null then n.movement_type end
    )
    from (
        select distinct n.transaction_type, n.movement_type, n.reverses_id
        from new_rows as n
    ) as n;
    perform stocksync._check_reversal(n) from new_rows as n where n.reverses_id is not null;
    perform stocksync._check_reversal(r)
    from new_rows as n
    join public.stock_movements as r on r.reverses_id = n.id;
    -- What changes nothing that is summed may be corrected where the ledger is closed: a reference,
    -- a note, a cost.
    perform stocksync._refuse_closed(min(least(o.occurred_at, n.occurred_at)))
    from old_rows as o
    join new_rows as n on n.id = o.id
    where (o.product_id, o.location_id, o.movement_type, o.transaction_type, o.quantity,
           o.occurred_at, o.recorded_at, o.idempotency_key)
        is distinct from
        (n.product_id, n.location_id, n.movement_type, n.transaction_type, n.quantity,
         n.occurred_at, n.recorded_at, n.idempotency_key);
    -- 2. What it comes to.
    select array_agg(row(
        c.product_id, c.location_id, c.day, c.transaction_type, c.quantity, c.movements
    )::stocksync._line), min(c.first_at)
    into v_lines, v_first_at
    from (
        select
            e.product_id,
            e.location_id,
            (e.occurred_at at time zone s.time_zone)::date as day,
            e.transaction_type,
            sum(e.quantity) as quantity,
            sum(e.movements)::integer as movements,
            min(e.occurred_at) as first_at
        from (
            select
                m.product_id,
                m.location_id,
                m.occurred_at,
                m.transaction_type,
                sum(case m.movement_type when 'in' then m.quantity else -m.quantity end * m.sign)
                    as quantity,
                sum(m.sign) as movements
            from (
                select n.product_id, n.location_id, n.occurred_at, n.transaction_type,
                    n.movement_type, n.quantity, 1 as sign
                from new_rows as n
                union all
                select o.product_id, o.location_id, o.occurred_at, o.transaction_type,
                    o.movement_type, o.quantity, -1
                from old_rows as o
            ) as m
            group by 1, 2, 3, 4
        ) as e
        cross join stocksync.settings as s
        -- not by the day: what only moves within one moves past a count
        where e.quantity <> 0 or e.movements <> 0
        group by 1, 2, 3, 4
    ) as c;
    -- 3. Batches. What only says more of a movement is said of its batches too; cost and expiry date
    -- were for a batch that was made: that has its own.
    update public.batch_consumptions as c
    set occurred_at = n.occurred_at, reference = n.reference
    from old_rows as o
    join new_rows as n on n.id = o.id
    where c.movement_id = n.id
        and (o.occurred_at, o.reference) is distinct from (n.occurred_at, n.reference);
    update public.batch_receipts as c
    set occurred_at = n.occurred_at
    from old_rows as o
    join new_rows as n on n.id = o.id
    where c.movement_id = n.id and o.occurred_at <> n.occurred_at;
    -- Where nothing but the quantity changes, what came in stays in the batch that it has.
    select array_agg(distinct n.id),
        array_agg(distinct n.id) filter (
            where (o.product_id, o.location_id, o.movement_type, o.transaction_type, o.reverses_id,
                   o.batch_id, o.batch_number)
                is distinct from
                (n.product_id, n.location_id, n.movement_type, n.transaction_type, n.reverses_id,
                 n.batch_id, n.batch_number)
        ),
        array_agg(row(
            p.id, n.location_id, (n.occurred_at at time zone s.time_zone)::date,
            n.transaction_type, 0, 0
        )::stocksync._line)
    into v_rebooked_ids, v_chosen_ids, v_rebooked_lines
    from old_rows as o
    join new_rows as n on n.id = o.id
    -- settle locks what there are lines of, even if nothing changes but the batch
    join public.products as p on p.id in (o.product_id, n.product_id) and p.tracks_batches
    cross join stocksync.settings as s
    where (o.product_id, o.location_id, o.movement_type, o.transaction_type, o.quantity,
           o.reverses_id, o.batch_id, o.batch_number)
        is distinct from
        (n.product_id, n.location_id, n.movement_type, n.transaction_type, n.quantity,
         n.reverses_id, n.batch_id, n.batch_number);
    -- What reverses it is the opposite of what it does now.
    if v_rebooked_ids is not null then
        v_rebooked_ids := v_rebooked_ids || array(
            select m.id from public.stock_movements as m where m.reverses_id = any (v_rebooked_ids)
        );
    end if;
    perform stocksync._capture(
        v_lines || v_rebooked_lines, coalesce(v_first_at, 'infinity'), v_chosen_ids,
        v_rebooked_ids
    );
    if stocksync._refuses_negative() then
        insert into stocksync._back_dated (effects)
        select array_agg(row(
            m.product_id, m.occurred_at,
            case m.movement_type when 'in' then m.quantity else -m.quantity end * m.sign
        )::stocksync._effect)
        from (
            select n.product_id, n.occurred_at, n.movement_type, n.quantity, 1 as sign
            from new_rows as n
            union all
            select o.product_id, o.occurred_at, o.movement_type, o.quantity, -1
            from old_rows as o
        ) as m
        join public.products as p on p.id = m.product_id
        cross join stocksync.settings as s
        where not coalesce(p.allow_negative, s.allow_negative)
        having count(*) > 0;
    end if;
    -- 4. The log.
    select array_agg(o.id order by o.id) into v_changed
    from old_rows as o
    join new_rows as n on n.id = o.id
    where o is distinct from n;
    perform stocksync._log_changed_movements('movements updated', v_changed);
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_stock_movements__capture_update() IS 'Captures updated movements and logs a warning. Raises as the capture of inserts does, and SS005 where it changes stock in a period that is closed.';
CREATE FUNCTION stocksync.tg_stock_movements__direction() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    select t.movement_type into new.movement_type
    from public.transaction_types as t
    where t.name = new.transaction_type;
    if not found then
        perform stocksync._check_type(new.transaction_type, null);
    end if;
    -- A reversal is of the same type as what it takes back, in the opposite direction.
    if new.reverses_id is not null then
        new.movement_type := case new.movement_type when 'in' then 'out' else 'in' end;
    end if;
    return new;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_stock_movements__direction() IS 'Fills movement_type from the transaction type. Raises foreign_key_violation for an unknown type.';
CREATE FUNCTION stocksync.tg_stock_movements__history() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    -- What is archived is in the archive, and a late movement was kept as it was given.
    if stocksync._has_pass() then
        return null;
    end if;
    if tg_op = 'UPDATE' and new.id <> old.id then
        raise exception 'the number of movement % cannot change', old.id
            using errcode = 'check_violation',
                  hint = 'Reverse the movement and insert a new one.',
                  schema = 'public', table = 'stock_movements', column = 'id',
                  constraint = 'stock_movements_id_is_fixed';
    end if;
    insert into stocksync.movement_history (
        operation, movement_id, product_id, location_id, movement_type, transaction_type, quantity,
        occurred_at, recorded_at, unit_cost, reference, idempotency_key, reverses_id, user_id,
        notes, metadata, batch_id, batch_number, expiry_date
    )
    values (
        lower(tg_op), old.id, old.product_id, old.location_id, old.movement_type,
        old.transaction_type, old.quantity, old.occurred_at, old.recorded_at, old.unit_cost,
        old.reference, old.idempotency_key, old.reverses_id, old.user_id, old.notes, old.metadata,
        old.batch_id, old.batch_number, old.expiry_date
    );
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_stock_movements__history() IS 'Copies the old version of a movement to movement_history. Raises check_violation if its id changes.';
CREATE FUNCTION stocksync.tg_stock_movements__truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if current_setting('stocksync.allow_truncate', true) is distinct from 'on' then
        raise exception 'stock_movements is a ledger and cannot be truncated'
            using errcode = 'SS004',
                  hint = 'If you mean it, say first, in the same transaction: set local stocksync.allow_truncate = on.',
                  schema = 'public', table = 'stock_movements';
    end if;
    -- TRUNCATE removes what an older snapshot does not see, and capture would miss it.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'stock_movements can only be truncated at READ COMMITTED'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin the transaction with isolation level read committed.',
                  schema = 'public', table = 'stock_movements';
    end if;
    perform stocksync._refuse_closed(
        (select min(m.occurred_at) from public.stock_movements as m)
    );
    if exists (select from stocksync.archives as a where a.restored_at is null) then
        raise exception 'movements are archived'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Put them back first with "stocksync archive --restore FILE": their numbers must not be used again.',
                  schema = 'public', table = 'stock_movements';
    end if;
    -- Counted was the stock of movements that are gone. Their numbers may be used again, and are
    -- then those of others.
    update stocksync.counts set balance = null where balance is not null;
    delete from stocksync.count_corrections;
    update stocksync.runs set movement_ids = '{}' where not isempty(movement_ids);
    perform stocksync._capture((
        select array_agg(row(
            c.product_id, c.location_id, c.day, c.transaction_type, c.quantity, c.movements
        )::stocksync._line)
        from (
            select
                m.product_id,
                m.location_id,
                (m.occurred_at at time zone s.time_zone)::date as day,
                m.transaction_type,
                sum(case m.movement_type when 'in' then -m.quantity else m.quantity end)
                    as quantity,
                -count(*)::integer as movements
            from public.stock_movements as m
            cross join stocksync.settings as s
            group by 1, 2, 3, 4
        ) as c
    ), p_unbooked_ids => (
        select array_agg(u.movement_id)
        from (
            select c.movement_id from public.batch_receipts as c where c.movement_id is not null
            union
            select c.movement_id from public.batch_consumptions as c
        ) as u
    ));
    insert into stocksync.movement_history (
        operation, movement_id, product_id, location_id, movement_type, transaction_type, quantity,
        occurred_at, recorded_at, unit_cost, reference, idempotency_key, reverses_id, user_id,
        notes, metadata, batch_id, batch_number, expiry_date
    )
    select 'truncate', m.id, m.product_id, m.location_id, m.movement_type, m.transaction_type,
        m.quantity, m.occurred_at, m.recorded_at, m.unit_cost, m.reference, m.idempotency_key,
        m.reverses_id, m.user_id, m.notes, m.metadata, m.batch_id, m.batch_number, m.expiry_date
    from public.stock_movements as m;
    perform stocksync._write_log(
        'warning',
        'movements truncated',
        p_context => jsonb_build_object(
            'movements', (select count(*) from public.stock_movements)
        )
    );
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_stock_movements__truncate() IS 'Refuses TRUNCATE with SS004, or captures it where stocksync.allow_truncate is on; with SS005 where movements are closed, object_not_in_prerequisite_state where they are archived.';
CREATE FUNCTION stocksync.tg_transaction_types__counts_as() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform pg_advisory_xact_lock(stocksync._lock_key('roll_up'));
    perform stocksync._recount_days(null);
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_transaction_types__counts_as() IS 'Finds anew when each product was last counted.';
CREATE FUNCTION stocksync.tg_transaction_types__guard() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    -- An older snapshot would not show the movements committed since.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'transaction types can only be changed at READ COMMITTED'
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'Begin the transaction with isolation level read committed.',
                  schema = 'public', table = 'transaction_types';
    end if;
    -- Movements of transactions still running would escape the check: wait for them.
    lock table public.stock_movements in share mode;
    if tg_op = 'TRUNCATE' then
        if exists (select from public.stock_movements)
            or exists (select from stocksync.archived_daily)
        then
            raise exception 'transaction types have movements'
                using errcode = 'restrict_violation',
                      hint = 'Delete the types that are not used, one by one.',
                      schema = 'public', table = 'transaction_types', column = 'name',
                      constraint = 'transaction_types_used_is_fixed';
        end if;
        return null;
    end if;
    if exists (
        select from public.stock_movements as m where m.transaction_type = old.name
    ) or exists (
        select from stocksync.archived_daily as a where a.transaction_type = old.name
    ) then
        raise exception 'transaction type "%" has movements', old.name
            using errcode = 'restrict_violation',
                  hint = 'Add a new type instead.',
                  schema = 'public', table = 'transaction_types', column = 'name',
                  constraint = 'transaction_types_used_is_fixed';
    end if;
    return coalesce(new, old);
end;
$$;
COMMENT ON FUNCTION stocksync.tg_transaction_types__guard() IS 'Raises restrict_violation if a type that has movements is renamed, turned round, deleted or truncated, object_not_in_prerequisite_state above READ COMMITTED. Waits for running writers of movements.';
CREATE FUNCTION stocksync.tick(p_worker text) RETURNS TABLE(job_id bigint, attempt bigint, is_cancelled boolean, is_due boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    update stocksync.jobs as j
    set seen_at = clock_timestamp()
    where j.id in (
        select k.id
        from stocksync.jobs as k
        where k.state = 'running' and k.worker = p_worker
        for update skip locked -- who holds it is about to end it
    );
    perform stocksync.reap_jobs();
    return query
    select j.id, j.attempts, j.is_cancelled,
        exists (
            select
            from stocksync.jobs as q
            where q.state = 'queued'
                and q.run_at <= now()
                and not exists (
                    select
                    from stocksync.jobs as r
                    where r.state = 'running' and r.subject = q.subject
                )
        )
    from (values (true)) as v
    left join stocksync.jobs as j on j.state = 'running' and j.worker = p_worker
    limit 1;
end;
$$;
COMMENT ON FUNCTION stocksync.tick(p_worker text) IS 'The heartbeat of a worker: marks its running job as seen, reaps lost jobs, and returns one row: that job (null: none), its attempt, whether somebody has cancelled it, and whether any job is due.';
CREATE FUNCTION stocksync.track_batches(p_product_ids bigint[] DEFAULT NULL::bigint[], p_on boolean DEFAULT true) RETURNS TABLE(product_id bigint, sku text, name text, quantity_on_hand numeric)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
    v_ids bigint[];
begin
    perform stocksync.check_scope(i, null) from unnest(p_product_ids) as i;
    v_ids := array(
        select p.id
        from public.products as p
        where (p.id = any (p_product_ids) or p_product_ids is null and not p.is_deleted)
            and p.tracks_batches <> p_on
    );
    -- For each product its opening batches are asked for, which reads the journal: short as a rule,
    -- long after an import.
    perform stocksync.roll_up();
    perform stocksync.lock_products(v_ids);
    return query
    with changed as (
        update public.products as p
        set tracks_batches = p_on
        where p.id = any (v_ids) and p.tracks_batches <> p_on
        returning p.id
    )
    select s.product_id, s.sku, s.name, s.quantity_on_hand
    from changed as c
    join public.stock_on_hand as s on s.product_id = c.id
    order by s.sku;
end;
$$;
COMMENT ON FUNCTION stocksync.track_batches(p_product_ids bigint[], p_on boolean) IS 'Switches the tracking of batches on, or off, for these products or for all that are not deleted (null); returns those for which it changed. On: what is there becomes an opening batch at each place, as stocksync.opening_batches() says. Off: their batches are retired. The same as an update of products.tracks_batches. Raises no_data_found for an unknown product, SS001 where its stock is below zero at a place.';
CREATE FUNCTION stocksync.transfer_stock(p_product_id bigint, p_quantity numeric, p_from_location_id bigint, p_to_location_id bigint, p_batch_id bigint DEFAULT NULL::bigint, p_batch_number text DEFAULT NULL::text, p_occurred_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_reference text DEFAULT NULL::text, p_idempotency_key text DEFAULT NULL::text, p_user_id text DEFAULT NULL::text, p_notes text DEFAULT NULL::text) RETURNS TABLE(out_movement_id bigint, in_movement_id bigint, reference text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if p_from_location_id is not distinct from p_to_location_id then
        raise exception 'stock is transferred from one place to another'
            using errcode = 'invalid_parameter_value',
                  detail = 'Both are the same place.',
                  hint = 'Give two places; null is the unnamed one.';
    end if;
    -- What comes in is found by it, so that it must be this transfer's own.
    reference := coalesce(
        p_reference,
        'transfer ' || coalesce(
            p_idempotency_key, nextval('public.stock_movements_id_seq')::text
        )
    );
    select m.id into out_movement_id
    from stocksync.record_movement(
        p_product_id, 'transfer_out', p_quantity, p_idempotency_key || ' out', p_from_location_id,
        p_occurred_at, null, reference, p_user_id, p_notes,
        p_batch_id => p_batch_id, p_batch_number => p_batch_number
    ) as m;
    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle deferred;
    select m.id into in_movement_id
    from stocksync.record_movement(
        p_product_id, 'transfer_in', p_quantity, p_idempotency_key || ' in', p_to_location_id,
        p_occurred_at, null, reference, p_user_id, p_notes
    ) as m;
    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle deferred;
    return next;
end;
$$;
COMMENT ON FUNCTION stocksync.transfer_stock(p_product_id bigint, p_quantity numeric, p_from_location_id bigint, p_to_location_id bigint, p_batch_id bigint, p_batch_number text, p_occurred_at timestamp with time zone, p_reference text, p_idempotency_key text, p_user_id text, p_notes text) IS 'Books a transfer_out at one place and a transfer_in at another (null: the unnamed place), with one reference: p_reference, or one of their own. Of a product that tracks batches the named batch is moved, by number of row or by what is printed on it, else what is sold next, and last what is expired or in quarantine; what arrives is the same batch there. Of other products nothing looks whether there is enough at the place. With an idempotency key it can be retried. Settles at once: a transaction that transfers several products locks them in that order, so call lock_products() first. Raises invalid_parameter_value if both places are the same, SS001 where a batch has not enough, SS002 if the key belongs to something else, and what an insert raises.';
CREATE PROCEDURE stocksync.undo(IN p_run_id bigint DEFAULT NULL::bigint, IN p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, IN p_type text DEFAULT NULL::text, IN p_reference text DEFAULT NULL::text, INOUT p_undo_run_id bigint DEFAULT NULL::bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET jit TO 'off'
    SET work_mem TO '64MB'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
    insert into stocksync.incidents (run_id, product_id, class, before, after)
    select p_undo_run_id, c.product_id, c.class, c.before, c.after
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
$$;
COMMENT ON PROCEDURE stocksync.undo(IN p_run_id bigint, IN p_since timestamp with time zone, IN p_type text, IN p_reference text, INOUT p_undo_run_id bigint) IS 'Reverses every movement that a run booked and puts back what it corrected; or reverses the movements recorded since a time, of this type and reference (null: any). A reversal occurs when what it reverses did, or, where that is closed, when the ledger opens. Movements that are reversed already, and reversals, are left as they are. Returns the number of the undo, itself a run; null if nothing is left to undo. Whole, in the transaction of the caller. Raises no_data_found for an unknown run, object_not_in_prerequisite_state for a run that is an undo, was undone, or changed no stock, object_in_use for one that has not ended, invalid_parameter_value for a contradiction, SS006 where movements are archived, SS001 at commit where the stock may not fall below zero.';
CREATE FUNCTION stocksync.undo_counts(p_run_id bigint DEFAULT NULL::bigint, p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_type text DEFAULT NULL::text, p_reference text DEFAULT NULL::text) RETURNS TABLE(movements bigint, corrections bigint, already_reversed bigint, reversals bigint, gone bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select
        count(*) filter (where m.left_out is null),
        (select count(*) from stocksync._undo_corrections(p_run_id)),
        count(*) filter (where m.left_out = 'reversed'),
        count(*) filter (where m.left_out = 'reversal'),
        coalesce(
            (
                select sum(upper(i) - lower(i))::bigint
                from stocksync.runs as u
                cross join unnest(u.movement_ids) as i
                where u.id = p_run_id
            ) - count(*) filter (where m.is_asked),
            0
        )
    from stocksync._undo_movements(p_run_id, p_since, p_type, p_reference) as m;
$$;
COMMENT ON FUNCTION stocksync.undo_counts(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) IS 'How many movements stocksync.undo() with the same arguments would reverse and how many corrections put back; and of the movements that it would leave as they are, how many are reversed already, are reversals themselves, or were deleted since the run booked them. Zeros for an unknown run.';
CREATE FUNCTION stocksync.undo_dry_run(p_run_id bigint DEFAULT NULL::bigint, p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_type text DEFAULT NULL::text, p_reference text DEFAULT NULL::text) RETURNS TABLE(product_id bigint, sku text, name text, movements bigint, corrections bigint, quantity_before numeric, change numeric, quantity_after numeric)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    perform stocksync._check_undo(p_run_id, p_since, p_type, p_reference);
    return query
    select s.product_id, s.sku, s.name, c.movements, c.corrections,
        s.quantity_on_hand, trim_scale(c.change), trim_scale(s.quantity_on_hand + c.change)
    from (
        select u.product_id,
            sum(u.movements)::bigint as movements,
            sum(u.corrections)::bigint as corrections,
            sum(u.change) as change
        from (
            select (m.movement).product_id, 1 as movements, 0 as corrections,
                case (m.movement).movement_type
                    when 'in' then -(m.movement).quantity
                    else (m.movement).quantity
                end as change
            from stocksync._undo_movements(p_run_id, p_since, p_type, p_reference) as m
            where m.left_out is null
            union all
            select c.product_id, 0, 1,
                case c.class when 'quantity_on_hand' then c.after - c.before else 0 end
            from stocksync._undo_corrections(p_run_id) as c
        ) as u
        group by u.product_id
    ) as c
    join public.stock_on_hand as s on s.product_id = c.product_id
    order by s.sku;
end;
$$;
COMMENT ON FUNCTION stocksync.undo_dry_run(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) IS 'What stocksync.undo() with the same arguments would do, product by product: how many movements it would reverse, how many corrections put back, and the stock before and after. Changes nothing. Raises as stocksync.undo() does, but for SS001, which comes when it is done.';
CREATE FUNCTION stocksync.undone(p_undo_run_id bigint) RETURNS TABLE(product_id bigint, sku text, name text, movements bigint, corrections bigint, quantity_before numeric, change numeric, quantity_after numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select s.product_id, s.sku, s.name, c.movements, c.corrections,
        trim_scale(s.quantity_on_hand - c.change), trim_scale(c.change), s.quantity_on_hand
    from (
        select u.product_id,
            sum(u.movements)::bigint as movements,
            sum(u.corrections)::bigint as corrections,
            sum(u.change) as change
        from (
            select m.product_id, 1 as movements, 0 as corrections,
                case m.movement_type when 'in' then m.quantity else -m.quantity end as change
            from stocksync.runs as r
            cross join unnest(r.movement_ids) as i
            join public.stock_movements as m on m.id >= lower(i) and m.id < upper(i)
            where r.id = p_undo_run_id and r.command = 'undo'
            union all
            select i.product_id, 0, 1,
                case i.class when 'quantity_on_hand' then i.after - i.before else 0 end
            from stocksync.runs as r
            join stocksync.incidents as i on i.run_id = r.id
            where r.id = p_undo_run_id and r.command = 'undo'
        ) as u
        group by u.product_id
    ) as c
    join public.stock_on_hand as s on s.product_id = c.product_id
    order by s.sku;
$$;
COMMENT ON FUNCTION stocksync.undone(p_undo_run_id bigint) IS 'What this undo did: how many movements it reversed and how many corrections it put back, by product. quantity_after is the stock now, quantity_before what it would be without the undo. Empty for a run that is no undo.';
CREATE FUNCTION stocksync.use_job_timeout() RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select set_config(
        'statement_timeout', ceil(extract(epoch from s.job_timeout) * 1000)::text, false
    )
    from stocksync.settings as s;
$$;
COMMENT ON FUNCTION stocksync.use_job_timeout() IS 'Makes this session cancel statements that take longer than settings.job_timeout, and returns that limit.';
CREATE FUNCTION stocksync.use_shop_time() RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select set_config('TimeZone', s.time_zone, false) from stocksync.settings as s;
$$;
COMMENT ON FUNCTION stocksync.use_shop_time() IS 'Makes this session read and print times in the time zone of stocksync.settings, and returns its name.';
CREATE TABLE public.batch_consumptions (
    movement_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    quantity numeric NOT NULL,
    of_movement_id bigint,
    occurred_at timestamp with time zone NOT NULL,
    transaction_type text NOT NULL,
    reference text
);
COMMENT ON TABLE public.batch_consumptions IS 'What each movement took out of each batch, and what returns and reversals gave back to it.';
COMMENT ON COLUMN public.batch_consumptions.movement_id IS 'Number of the movement.';
COMMENT ON COLUMN public.batch_consumptions.batch_id IS 'Number of the batch.';
COMMENT ON COLUMN public.batch_consumptions.quantity IS 'Units taken; below zero where they were given back.';
COMMENT ON COLUMN public.batch_consumptions.of_movement_id IS 'The movement that had taken what this one gives back; null where something is taken.';
COMMENT ON COLUMN public.batch_consumptions.occurred_at IS 'When the movement occurred.';
COMMENT ON COLUMN public.batch_consumptions.transaction_type IS 'Why.';
COMMENT ON COLUMN public.batch_consumptions.reference IS 'The document behind it; null for none.';
CREATE TABLE public.batch_receipts (
    movement_id bigint,
    batch_id bigint NOT NULL,
    quantity numeric NOT NULL,
    of_movement_id bigint,
    occurred_at timestamp with time zone NOT NULL,
    transaction_type text
);
COMMENT ON TABLE public.batch_receipts IS 'What each movement brought into each batch.';
COMMENT ON COLUMN public.batch_receipts.movement_id IS 'Number of the movement; null for what was there before the product tracked batches.';
COMMENT ON COLUMN public.batch_receipts.batch_id IS 'Number of the batch.';
COMMENT ON COLUMN public.batch_receipts.quantity IS 'Units; below zero where a reversal takes back what came in.';
COMMENT ON COLUMN public.batch_receipts.of_movement_id IS 'The movement that took away what came in here, or that is reversed; null for neither.';
COMMENT ON COLUMN public.batch_receipts.occurred_at IS 'When the movement occurred.';
COMMENT ON COLUMN public.batch_receipts.transaction_type IS 'Why; null for what was there before the product tracked batches.';
CREATE TABLE public.locations (
    id bigint NOT NULL,
    name text NOT NULL,
    CONSTRAINT locations_name_not_empty CHECK ((name <> ''::text))
);
COMMENT ON TABLE public.locations IS 'Places where stock lies. A movement without location belongs to the one unnamed place.';
COMMENT ON COLUMN public.locations.id IS 'Number of the location.';
COMMENT ON COLUMN public.locations.name IS 'What people call the place; unique.';
CREATE SEQUENCE public.locations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.locations_id_seq OWNED BY public.locations.id;
CREATE SEQUENCE public.products_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.products_id_seq OWNED BY public.products.id;
CREATE SEQUENCE public.stock_batches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.stock_batches_id_seq OWNED BY public.stock_batches.id;
CREATE SEQUENCE public.stock_movements_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.stock_movements_id_seq OWNED BY public.stock_movements.id;
CREATE TABLE stocksync._pending (
    product_id bigint NOT NULL,
    quantity numeric NOT NULL,
    queued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');
COMMENT ON TABLE stocksync._pending IS 'Changes of stock that wait for a busy product: quantity_on_hand plus these is the ledger. Folded into the product by stocksync.fold().';
COMMENT ON COLUMN stocksync._pending.quantity IS 'To be added to quantity_on_hand and total_stock.';
CREATE VIEW public.stock_on_hand AS
 SELECT p.id AS product_id,
    p.sku,
    p.name,
    trim_scale((p.quantity_on_hand + COALESCE(( SELECT sum(q.quantity) AS sum
           FROM stocksync._pending q
          WHERE (q.product_id = p.id)), (0)::numeric))) AS quantity_on_hand,
    p.reorder_point,
    p.status,
    p.is_deleted
   FROM public.products p;
COMMENT ON VIEW public.stock_on_hand IS 'The stock of each product, in units, with the changes that still wait for a busy product; below zero where more went out than came in.';
CREATE TABLE public.transaction_types (
    name text NOT NULL,
    movement_type text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    counts_as text,
    takes_unfit text DEFAULT 'never'::text NOT NULL,
    brings_back text,
    CONSTRAINT transaction_types_counts_as_known CHECK ((counts_as = ANY (ARRAY['sale'::text, 'count'::text, 'transfer'::text]))),
    CONSTRAINT transaction_types_direction CHECK ((movement_type = ANY (ARRAY['in'::text, 'out'::text]))),
    CONSTRAINT transaction_types_name_not_empty CHECK ((name <> ''::text)),
    CONSTRAINT transaction_types_takes_unfit_known CHECK ((takes_unfit = ANY (ARRAY['never'::text, 'last'::text, 'first'::text])))
);
COMMENT ON TABLE public.transaction_types IS 'Why stock moves, and in which direction. Add your own; the direction of a type that has movements cannot change.';
COMMENT ON COLUMN public.transaction_types.name IS 'What stock_movements.transaction_type says.';
COMMENT ON COLUMN public.transaction_types.movement_type IS '"in" adds to the stock, "out" takes from it.';
COMMENT ON COLUMN public.transaction_types.description IS 'In the shop''s words.';
COMMENT ON COLUMN public.transaction_types.counts_as IS 'What reports take it for: "sale" (sold, or brought back by a customer), "count" (the result of a physical count), "transfer" (to or from another place of the shop: neither cost nor income); null for none of them.';
COMMENT ON COLUMN public.transaction_types.takes_unfit IS 'Of a type that is "out": does it take from batches that are expired or quarantined? "never" for what sells or uses; "last", when nothing else is left, for what moves, counts, loses or sends back; "first" for what writes them off.';
COMMENT ON COLUMN public.transaction_types.brings_back IS 'Of a type that is "in": the type that took away what this one brings back. Such a movement goes back to the batches from which the one of the same reference took, or else to those taken from last.';
CREATE UNLOGGED TABLE stocksync._back_dated (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    effects stocksync._effect[] NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');
COMMENT ON TABLE stocksync._back_dated IS 'What a running transaction changed in the past of products that may not fall below zero, until it is checked at commit. Always empty in committed data.';
COMMENT ON COLUMN stocksync._back_dated.effects IS 'What one statement changed.';
ALTER TABLE stocksync._back_dated ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync._back_dated_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync._closed (
    only_row boolean DEFAULT true NOT NULL,
    before timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    has_archived boolean DEFAULT false NOT NULL,
    CONSTRAINT _closed_one_row CHECK (only_row)
);
COMMENT ON TABLE stocksync._closed IS 'From when on the ledger is open, and whether movements are archived: read by every insert of movements.';
COMMENT ON COLUMN stocksync._closed.before IS 'Movements that occurred before are final; -infinity where nothing is closed.';
CREATE TABLE stocksync._journal (
    lines stocksync._line[] NOT NULL,
    is_settled boolean DEFAULT false NOT NULL,
    first_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    booked_ids bigint[],
    unbooked_ids bigint[]
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='10000');
COMMENT ON TABLE stocksync._journal IS 'What committed transactions have changed and the roll-up has not yet drained: one row per transaction that writes once, two otherwise.';
COMMENT ON COLUMN stocksync._journal.lines IS 'What changed, summed.';
COMMENT ON COLUMN stocksync._journal.is_settled IS 'True where the stock already holds these lines at insert, so that the settle trigger leaves them alone.';
COMMENT ON COLUMN stocksync._journal.first_at IS 'The earliest moment of which something changed; -infinity if that was not looked at.';
COMMENT ON COLUMN stocksync._journal.booked_ids IS 'Movements of products that track batches, for settle to find their batches; null for none.';
COMMENT ON COLUMN stocksync._journal.unbooked_ids IS 'Movements that were changed or deleted: what their batches gave and took is taken back first. One of which only the quantity changed is here alone.';
CREATE TABLE stocksync.runs (
    id bigint NOT NULL,
    command text NOT NULL,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    actor text DEFAULT SESSION_USER NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    products_corrected bigint DEFAULT 0 NOT NULL,
    products_failed bigint DEFAULT 0 NOT NULL,
    pid bigint,
    seen_at timestamp with time zone,
    products_found bigint DEFAULT 0 NOT NULL,
    cost jsonb DEFAULT '[]'::jsonb NOT NULL,
    movement_ids int8multirange DEFAULT '{}'::int8multirange NOT NULL
);
COMMENT ON TABLE stocksync.runs IS 'Every run that may correct stock. finished_at is null while it runs, and for ever when it was killed.';
COMMENT ON COLUMN stocksync.runs.command IS 'What was run: "sync", "refresh" or "audit".';
COMMENT ON COLUMN stocksync.runs.options IS 'With what it was called.';
COMMENT ON COLUMN stocksync.runs.actor IS 'The session user.';
COMMENT ON COLUMN stocksync.runs.products_corrected IS 'Products whose stock was wrong and was corrected.';
COMMENT ON COLUMN stocksync.runs.products_failed IS 'Products that could not be corrected; the log names each.';
COMMENT ON COLUMN stocksync.runs.pid IS 'The server process that runs it, or ran it.';
COMMENT ON COLUMN stocksync.runs.seen_at IS 'When it last committed a step.';
COMMENT ON COLUMN stocksync.runs.products_found IS 'Products that it found wrong.';
COMMENT ON COLUMN stocksync.runs.cost IS 'What each step took, in seconds, and what it dealt with: journal rows, views refreshed, log entries removed. An array in the order of the steps.';
COMMENT ON COLUMN stocksync.runs.movement_ids IS 'Numbers of the movements that it booked: an import, a restore, counts, what undid another run.';
CREATE VIEW stocksync._last_run AS
 SELECT c.command,
    r.id AS run_id,
    r.started_at,
    r.finished_at
   FROM (( VALUES ('refresh'::text), ('sync'::text), ('audit'::text)) c(command)
     CROSS JOIN LATERAL ( SELECT u.id,
            u.started_at,
            u.finished_at
           FROM stocksync.runs u
          WHERE ((u.command = c.command) AND (u.finished_at IS NOT NULL))
          ORDER BY u.started_at DESC
         LIMIT 1) r);
COMMENT ON VIEW stocksync._last_run IS 'Of each command the last run that was completed, none if there is none: not one that is running or was killed.';
CREATE UNLOGGED TABLE stocksync._passes (
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');
COMMENT ON TABLE stocksync._passes IS 'Transactions in which stocksync itself is changing closed movements so that no stock changes: the triggers let them pass. Always empty in committed data.';
CREATE TABLE stocksync.stock_daily (
    product_id bigint NOT NULL,
    location_id bigint,
    day date NOT NULL,
    transaction_type text NOT NULL,
    quantity numeric NOT NULL,
    movements bigint NOT NULL
);
COMMENT ON TABLE stocksync.stock_daily IS 'Turnovers, rolled up from the journal: never running totals, so that a back-dated movement touches one row. stock_daily plus journal is the ledger, at every moment.';
COMMENT ON COLUMN stocksync.stock_daily.day IS 'Day of occurred_at in the time zone of stocksync.settings.';
COMMENT ON COLUMN stocksync.stock_daily.quantity IS 'Signed: in is positive, out is negative.';
COMMENT ON COLUMN stocksync.stock_daily.movements IS 'Number of movements.';
CREATE MATERIALIZED VIEW stocksync._past_by_product AS
 WITH clock AS MATERIALIZED (
         SELECT stocksync._report_from() AS first_day,
            stocksync._shop_day() AS today
        )
 SELECT d.product_id,
    (- sum(d.quantity) FILTER (WHERE ((y.counts_as = 'sale'::text) AND (d.day >= ( SELECT (c.today - 7)
           FROM clock c))))) AS sold_7,
    (- sum(d.quantity) FILTER (WHERE ((y.counts_as = 'sale'::text) AND (d.day >= ( SELECT (c.today - 30)
           FROM clock c))))) AS sold_30,
    (- sum(d.quantity) FILTER (WHERE ((y.counts_as = 'sale'::text) AND (d.day >= ( SELECT (c.today - 90)
           FROM clock c))))) AS sold_90,
    (- sum(d.quantity) FILTER (WHERE ((y.counts_as = 'sale'::text) AND (d.day >= ( SELECT c.first_day
           FROM clock c))))) AS sold,
    max(d.day) FILTER (WHERE ((y.counts_as = 'sale'::text) AND (y.movement_type = 'out'::text) AND (d.quantity < (0)::numeric) AND (d.day >= ( SELECT c.first_day
           FROM clock c)))) AS last_sale_on,
    sum(d.quantity) FILTER (WHERE (d.day >= ( SELECT c.first_day
           FROM clock c))) AS quantity,
    sum((d.quantity * ((d.day - ( SELECT c.first_day
           FROM clock c)))::numeric)) FILTER (WHERE (d.day >= ( SELECT c.first_day
           FROM clock c))) AS quantity_times_days
   FROM (stocksync.stock_daily d
     LEFT JOIN public.transaction_types y ON ((y.name = d.transaction_type)))
  WHERE ((d.day >= LEAST(stocksync._report_from(), (stocksync._shop_day() - 90))) AND (d.day < stocksync._shop_day()))
  GROUP BY d.product_id
  WITH NO DATA;
COMMENT ON MATERIALIZED VIEW stocksync._past_by_product IS 'Sums over the days before the day of the refresh: of the last 7, 30 and 90, and of those that are among the last report_days of stocksync.settings.';
CREATE MATERIALIZED VIEW stocksync._past_by_type AS
 SELECT d.day,
    d.transaction_type,
    sum(d.quantity) AS quantity,
    sum(d.movements) AS movements
   FROM stocksync.stock_daily d
  WHERE ((d.movements <> 0) AND (d.day >= (date_trunc('week'::text, date_trunc('month'::text, (stocksync._report_from())::timestamp without time zone)))::date) AND (d.day < stocksync._shop_day()))
  GROUP BY d.day, d.transaction_type
  WITH NO DATA;
COMMENT ON MATERIALIZED VIEW stocksync._past_by_type IS 'What moved on each day before the day of the refresh, by transaction type.';
CREATE TABLE stocksync._roll_up_version (
    only_row boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    past_version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT _roll_up_version_one_row CHECK (only_row)
);
COMMENT ON TABLE stocksync._roll_up_version IS 'Counts the changes of the roll-up: a materialized view of the same version has nothing to read anew.';
COMMENT ON COLUMN stocksync._roll_up_version.past_version IS 'Counts those that changed a day before the day of the change.';
CREATE VIEW stocksync._stock AS
 SELECT p.id AS product_id,
    p.sku,
    p.name,
    (p.quantity_on_hand + COALESCE(w.quantity, (0)::numeric)) AS quantity_on_hand,
    p.reorder_point,
    p.status,
    p.is_deleted
   FROM (public.products p
     LEFT JOIN ( SELECT q.product_id,
            sum(q.quantity) AS quantity
           FROM stocksync._pending q
          GROUP BY q.product_id) w ON ((w.product_id = p.id)));
COMMENT ON VIEW stocksync._stock IS 'The stock of each product with the changes that still wait for a busy product: as in public.stock_on_hand, trailing zeros apart.';
CREATE TABLE stocksync.archived_daily (
    archive_id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    day date NOT NULL,
    transaction_type text NOT NULL,
    quantity numeric NOT NULL,
    movements bigint NOT NULL
);
COMMENT ON TABLE stocksync.archived_daily IS 'What the archived movements come to, in the shape of stock_daily: with stock_movements it is the ledger.';
COMMENT ON COLUMN stocksync.archived_daily.day IS 'Day of occurred_at in the time zone the shop had when they were archived.';
COMMENT ON COLUMN stocksync.archived_daily.quantity IS 'Signed: in is positive, out is negative.';
COMMENT ON COLUMN stocksync.archived_daily.movements IS 'Number of movements.';
CREATE TABLE stocksync.settings (
    only_row boolean DEFAULT true NOT NULL,
    allow_negative boolean DEFAULT true NOT NULL,
    manual_updates text DEFAULT 'warn'::text NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    report_days bigint DEFAULT 90 NOT NULL,
    keep_log interval DEFAULT '90 days'::interval NOT NULL,
    refresh_late_after interval DEFAULT '02:00:00'::interval NOT NULL,
    pending_late_after interval DEFAULT '00:01:00'::interval NOT NULL,
    job_attempts bigint DEFAULT 3 NOT NULL,
    job_backoff interval[] DEFAULT '{00:01:00,00:05:00,00:15:00}'::interval[] NOT NULL,
    job_timeout interval DEFAULT '00:05:00'::interval NOT NULL,
    keep_jobs interval DEFAULT '30 days'::interval NOT NULL,
    alert_rules text[] DEFAULT '{discrepancies_found,refresh_late,job_failed,negative_stock,below_reorder_point,pending_late,batch_expired,batch_expiring}'::text[] NOT NULL,
    alert_every interval DEFAULT '00:15:00'::interval NOT NULL,
    remind_every interval DEFAULT '1 day'::interval NOT NULL,
    late_movements text DEFAULT 'refuse'::text NOT NULL,
    late_movements_before_count text DEFAULT 'keep_count'::text NOT NULL,
    expired_batches text DEFAULT 'never'::text NOT NULL,
    expiring_days integer DEFAULT 30 NOT NULL,
    CONSTRAINT settings_alert_every_positive CHECK ((alert_every > '00:00:00'::interval)),
    CONSTRAINT settings_alert_rules_known CHECK ((alert_rules <@ ARRAY['discrepancies_found'::text, 'refresh_late'::text, 'job_failed'::text, 'negative_stock'::text, 'below_reorder_point'::text, 'pending_late'::text, 'batch_expired'::text, 'batch_expiring'::text])),
    CONSTRAINT settings_expired_batches_known CHECK ((expired_batches = ANY (ARRAY['never'::text, 'last'::text]))),
    CONSTRAINT settings_expiring_days_bounded CHECK (((expiring_days >= 0) AND (expiring_days <= 36500))),
    CONSTRAINT settings_job_attempts_positive CHECK (((job_attempts >= 1) AND (job_attempts <= 100))),
    CONSTRAINT settings_job_backoff_not_empty CHECK (((cardinality(job_backoff) > 0) AND (array_position(job_backoff, NULL::interval) IS NULL))),
    CONSTRAINT settings_job_timeout_bounded CHECK (((job_timeout > '00:00:00'::interval) AND (job_timeout <= '1 day'::interval))),
    CONSTRAINT settings_keep_jobs_positive CHECK ((keep_jobs > '00:00:00'::interval)),
    CONSTRAINT settings_keep_log_positive CHECK ((keep_log > '00:00:00'::interval)),
    CONSTRAINT settings_late_movements_before_count_known CHECK ((late_movements_before_count = ANY (ARRAY['keep_count'::text, 'keep_difference'::text]))),
    CONSTRAINT settings_late_movements_known CHECK ((late_movements = ANY (ARRAY['refuse'::text, 'first_open_day'::text]))),
    CONSTRAINT settings_manual_updates_known CHECK ((manual_updates = ANY (ARRAY['warn'::text, 'keep_out'::text, 'refuse'::text]))),
    CONSTRAINT settings_one_row CHECK (only_row),
    CONSTRAINT settings_pending_late_after_positive CHECK ((pending_late_after > '00:00:00'::interval)),
    CONSTRAINT settings_refresh_late_after_positive CHECK ((refresh_late_after > '00:00:00'::interval)),
    CONSTRAINT settings_remind_every_positive CHECK ((remind_every > '00:00:00'::interval)),
    CONSTRAINT settings_report_days_positive CHECK (((report_days >= 1) AND (report_days <= 3660)))
);
COMMENT ON TABLE stocksync.settings IS 'One row that says how this installation behaves. Change it with update.';
COMMENT ON COLUMN stocksync.settings.only_row IS 'Always true: there is one row.';
COMMENT ON COLUMN stocksync.settings.allow_negative IS 'May stock fall below zero where the product does not say? Default true: a negative stock is visible, not refused.';
COMMENT ON COLUMN stocksync.settings.manual_updates IS 'What happens to an update of quantity_on_hand or total_stock by somebody other than the application role: "warn" lets it through and logs it, the next sync corrects it; "keep_out" keeps the old value and logs; "refuse" raises SS003. From stocksync_app it is always kept out.';
COMMENT ON COLUMN stocksync.settings.time_zone IS 'Whose days stock_daily counts in. Changing it counts all of them anew, while writers wait.';
COMMENT ON COLUMN stocksync.settings.report_days IS 'How many days the reports look back. Their cost follows it, not the history.';
COMMENT ON COLUMN stocksync.settings.keep_log IS 'How long the log and the runs that corrected nothing are kept. Incidents and their runs are kept for ever.';
COMMENT ON COLUMN stocksync.settings.refresh_late_after IS 'A refresh that has not been completed for so long is late: doctor says so, and alerts.';
COMMENT ON COLUMN stocksync.settings.pending_late_after IS 'A change of stock that has waited for so long for a busy product is late.';
COMMENT ON COLUMN stocksync.settings.job_attempts IS 'How often a job is tried, where what failed may pass, before it has failed for good.';
COMMENT ON COLUMN stocksync.settings.job_backoff IS 'How long to wait after the first, second, ... failure; the last one again for more.';
COMMENT ON COLUMN stocksync.settings.job_timeout IS 'The server ends a job that takes longer; it has then failed.';
COMMENT ON COLUMN stocksync.settings.keep_jobs IS 'How long jobs that have ended are kept.';
COMMENT ON COLUMN stocksync.settings.alert_rules IS 'Which rules raise alerts.';
COMMENT ON COLUMN stocksync.settings.alert_every IS 'A channel gets at most one message in so long, with all that has happened meanwhile; and what was not so for less than this is the same incident.';
COMMENT ON COLUMN stocksync.settings.remind_every IS 'An alert that is still open is told again after so long.';
COMMENT ON COLUMN stocksync.settings.late_movements IS 'What happens to a new movement that is dated in a closed period: "refuse" raises SS005; "first_open_day" books it at the beginning of the first day that is open, and stocksync.movement_history keeps the date that was given.';
COMMENT ON COLUMN stocksync.settings.late_movements_before_count IS 'What stands when a movement dated before a count is entered, changed or deleted after it: "keep_count" keeps what was counted, and books the opposite at the moment of the count; "keep_difference" keeps what was booked for the count, so that the stock of that moment and since follows the movement. Either way the log warns.';
COMMENT ON COLUMN stocksync.settings.expired_batches IS 'May what is sold or used be taken from expired batches? "never": no; "last": when nothing else is left. Quarantined ones never are.';
COMMENT ON COLUMN stocksync.settings.expiring_days IS 'Alerts and metrics speak of batches that expire within so many days.';
CREATE VIEW stocksync._turnovers AS
 SELECT m.product_id,
    m.location_id,
    ((m.occurred_at AT TIME ZONE s.time_zone))::date AS day,
    m.transaction_type,
        CASE m.movement_type
            WHEN 'in'::text THEN m.quantity
            ELSE (- m.quantity)
        END AS quantity,
    (1)::bigint AS movements
   FROM (public.stock_movements m
     CROSS JOIN stocksync.settings s)
UNION ALL
 SELECT a.product_id,
    a.location_id,
    a.day,
    a.transaction_type,
    a.quantity,
    a.movements
   FROM stocksync.archived_daily a;
COMMENT ON VIEW stocksync._turnovers IS 'Every movement with its day and signed quantity, and the sums by day of those that are archived.';
CREATE UNLOGGED TABLE stocksync._unsettled (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    lines stocksync._line[] NOT NULL,
    first_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    booked_ids bigint[],
    unbooked_ids bigint[]
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000');
COMMENT ON TABLE stocksync._unsettled IS 'What the second and later statements of a running transaction have changed, until it settles at commit. Always empty in committed data.';
COMMENT ON COLUMN stocksync._unsettled.xid IS 'The transaction that captured it.';
COMMENT ON COLUMN stocksync._unsettled.lines IS 'What one statement changed, summed.';
COMMENT ON COLUMN stocksync._unsettled.first_at IS 'The earliest moment of which something changed; -infinity if that was not looked at.';
COMMENT ON COLUMN stocksync._unsettled.booked_ids IS 'As in the journal.';
COMMENT ON COLUMN stocksync._unsettled.unbooked_ids IS 'As in the journal.';
ALTER TABLE stocksync._unsettled ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync._unsettled_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync._yoyo_log (
    id character varying(36) NOT NULL,
    migration_hash character varying(64),
    migration_id character varying(255),
    operation character varying(10),
    username character varying(255),
    hostname character varying(255),
    comment character varying(255),
    created_at_utc timestamp without time zone
);
COMMENT ON TABLE stocksync._yoyo_log IS 'Who applied or rolled back what, and when.';
CREATE TABLE stocksync._yoyo_migration (
    migration_hash character varying(64) NOT NULL,
    migration_id character varying(255),
    applied_at_utc timestamp without time zone
);
COMMENT ON TABLE stocksync._yoyo_migration IS 'The migrations that are applied. Kept by yoyo.';
CREATE TABLE stocksync._yoyo_version (
    version integer NOT NULL,
    installed_at_utc timestamp without time zone
);
COMMENT ON TABLE stocksync._yoyo_version IS 'The layout of yoyo''s own tables.';
CREATE TABLE stocksync.alert_channels (
    channel text NOT NULL,
    known_since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    delivery bigint DEFAULT 0 NOT NULL,
    claimed_at timestamp with time zone,
    sent_at timestamp with time zone,
    failures bigint DEFAULT 0 NOT NULL,
    retry_at timestamp with time zone,
    error text,
    CONSTRAINT alert_channels_channel_not_empty CHECK ((channel <> ''::text))
);
COMMENT ON TABLE stocksync.alert_channels IS 'The ways by which people are told. Where each leads to is configured on the machine that sends, not here.';
COMMENT ON COLUMN stocksync.alert_channels.channel IS '"mail", "webhook", "command", or a name of your own.';
COMMENT ON COLUMN stocksync.alert_channels.known_since IS 'When alerts were first asked for.';
COMMENT ON COLUMN stocksync.alert_channels.delivery IS 'Number of the last message.';
COMMENT ON COLUMN stocksync.alert_channels.claimed_at IS 'Since when somebody is sending the last message; null if nobody is.';
COMMENT ON COLUMN stocksync.alert_channels.sent_at IS 'When a message was last sent; null if never.';
COMMENT ON COLUMN stocksync.alert_channels.failures IS 'Failed messages since then.';
COMMENT ON COLUMN stocksync.alert_channels.retry_at IS 'After a failure: not before.';
COMMENT ON COLUMN stocksync.alert_channels.error IS 'Of the last message; null if it was sent.';
CREATE TABLE stocksync.alert_deliveries (
    alert_id bigint NOT NULL,
    channel text NOT NULL,
    delivery bigint NOT NULL,
    event text NOT NULL,
    sent_at timestamp with time zone,
    resolution_sent_at timestamp with time zone,
    CONSTRAINT alert_deliveries_event_known CHECK ((event = ANY (ARRAY['raised'::text, 'reminder'::text, 'resolved'::text])))
);
COMMENT ON TABLE stocksync.alert_deliveries IS 'What each channel was told of each alert.';
COMMENT ON COLUMN stocksync.alert_deliveries.channel IS 'As in stocksync.alert_channels.';
COMMENT ON COLUMN stocksync.alert_deliveries.delivery IS 'The last message with this alert, sent or not.';
COMMENT ON COLUMN stocksync.alert_deliveries.event IS 'What that message says of it: "raised", "reminder" or "resolved".';
COMMENT ON COLUMN stocksync.alert_deliveries.sent_at IS 'When the channel was last told that it is open; null if never.';
COMMENT ON COLUMN stocksync.alert_deliveries.resolution_sent_at IS 'When the channel was told that it is resolved; null if it was not.';
CREATE TABLE stocksync.alerts (
    id bigint NOT NULL,
    rule text NOT NULL,
    subject text NOT NULL,
    occurrence text DEFAULT ''::text NOT NULL,
    level text NOT NULL,
    message text NOT NULL,
    context jsonb DEFAULT '{}'::jsonb NOT NULL,
    raised_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    resolved_at timestamp with time zone,
    CONSTRAINT alerts_level_known CHECK ((level = ANY (ARRAY['warning'::text, 'error'::text, 'critical'::text]))),
    CONSTRAINT alerts_rule_known CHECK ((rule = ANY (ARRAY['discrepancies_found'::text, 'refresh_late'::text, 'job_failed'::text, 'negative_stock'::text, 'below_reorder_point'::text, 'pending_late'::text, 'batch_expired'::text, 'batch_expiring'::text])))
);
COMMENT ON TABLE stocksync.alerts IS 'What somebody must be told: one row per incident, open until what it says is no longer so. Kept by stocksync.raise_alerts().';
COMMENT ON COLUMN stocksync.alerts.rule IS 'Which rule raised it.';
COMMENT ON COLUMN stocksync.alerts.subject IS 'What it is about: "product 7", "job 3", "refresh"; of one subject one alert is open per rule.';
COMMENT ON COLUMN stocksync.alerts.occurrence IS 'Which time: a run, an attempt of a job. Another one is another alert, even if the first was open. Empty where there is only one.';
COMMENT ON COLUMN stocksync.alerts.level IS '"warning", "error" or "critical".';
COMMENT ON COLUMN stocksync.alerts.message IS 'One sentence, as it is now or was when it was resolved.';
COMMENT ON COLUMN stocksync.alerts.context IS 'The figures behind the message.';
COMMENT ON COLUMN stocksync.alerts.resolved_at IS 'Since when it is no longer so; null while it is.';
ALTER TABLE stocksync.alerts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE stocksync.archives ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.archives_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync.closings (
    id bigint NOT NULL,
    closed_through date NOT NULL,
    closed_before timestamp with time zone NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    closed_by text DEFAULT SESSION_USER NOT NULL,
    closed_at timestamp with time zone,
    snapshot_id bigint,
    reopened_at timestamp with time zone,
    reopened_by text,
    CONSTRAINT closings_closed_has_balances CHECK (((closed_at IS NULL) = (snapshot_id IS NULL)))
);
COMMENT ON TABLE stocksync.closings IS 'Every period that was closed: movements dated in it are final, and its balances are kept. Reopened ones stay on record.';
COMMENT ON COLUMN stocksync.closings.closed_through IS 'The last day of the period, in the time zone the shop had then.';
COMMENT ON COLUMN stocksync.closings.closed_before IS 'The instant at which that day ended: movements that occurred before are final.';
COMMENT ON COLUMN stocksync.closings.started_at IS 'When it began: from then on late movements were refused.';
COMMENT ON COLUMN stocksync.closings.closed_by IS 'The session user.';
COMMENT ON COLUMN stocksync.closings.closed_at IS 'When the balances were stored; null while transactions that were under way are waited for.';
COMMENT ON COLUMN stocksync.closings.snapshot_id IS 'The balances; null until then.';
COMMENT ON COLUMN stocksync.closings.reopened_at IS 'When it was taken back; null while it holds.';
COMMENT ON COLUMN stocksync.closings.reopened_by IS 'Who took it back.';
ALTER TABLE stocksync.closings ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.closings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync.count_corrections (
    movement_id bigint NOT NULL,
    count_id bigint NOT NULL
);
COMMENT ON TABLE stocksync.count_corrections IS 'The movements booked for each count: its difference, and what re-derived it when movements before it came late. None for a count that was equal to the stock.';
COMMENT ON COLUMN stocksync.count_corrections.movement_id IS 'Number of the movement.';
ALTER TABLE stocksync.counts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.counts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync.deployed_file (
    path text NOT NULL,
    sha256 text NOT NULL,
    deployed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT deployed_file_sha256_is_hexadecimal CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
COMMENT ON TABLE stocksync.deployed_file IS 'The files under sql/ as they were last run. One that differs, or is not here, runs at the next "stocksync migrate".';
COMMENT ON COLUMN stocksync.deployed_file.path IS 'Below sql/, like "views/drift.sql".';
COMMENT ON COLUMN stocksync.deployed_file.sha256 IS 'Of the file''s bytes, in hexadecimal.';
COMMENT ON COLUMN stocksync.deployed_file.deployed_at IS 'When the file was last run.';
CREATE TABLE stocksync.deployed_grant (
    object text NOT NULL,
    grantee text NOT NULL,
    privilege text NOT NULL
);
COMMENT ON TABLE stocksync.deployed_grant IS 'Who might do what when stocksync was last deployed: what doctor compares with.';
COMMENT ON COLUMN stocksync.deployed_grant.object IS 'As GRANT names it: "table stocksync.log", "function stocksync.doctor()", "role stocksync_app".';
COMMENT ON COLUMN stocksync.deployed_grant.grantee IS 'One of the three roles, or "public".';
COMMENT ON COLUMN stocksync.deployed_grant.privilege IS 'As GRANT names it, with its column where it is granted on one: "SELECT", "INSERT (notes)", "MEMBER".';
CREATE TABLE stocksync.deployed_object (
    kind text NOT NULL,
    identity text NOT NULL,
    md5 text NOT NULL,
    path text
);
COMMENT ON TABLE stocksync.deployed_object IS 'stocksync.live_object() as it was after the last deployment: what stocksync.drift compares with.';
COMMENT ON COLUMN stocksync.deployed_object.kind IS '"table", "column", "function", "trigger", ...';
COMMENT ON COLUMN stocksync.deployed_object.identity IS 'Qualified name, of functions with argument types: "stocksync.live_object()".';
COMMENT ON COLUMN stocksync.deployed_object.md5 IS 'Of the definition, as the server deparses it.';
COMMENT ON COLUMN stocksync.deployed_object.path IS 'The file under sql/ that makes it; null for what migrations make.';
CREATE VIEW stocksync.drift AS
 SELECT COALESCE(d.kind, l.kind) AS kind,
    COALESCE(d.identity, l.identity) AS identity,
        CASE
            WHEN (l.identity IS NULL) THEN 'missing'::text
            WHEN (d.identity IS NULL) THEN 'extra'::text
            ELSE 'changed'::text
        END AS state,
    COALESCE(l.path, d.path) AS path
   FROM (stocksync.deployed_object d
     FULL JOIN stocksync.live_object() l(kind, identity, md5, path) ON (((l.kind = d.kind) AND (l.identity = d.identity))))
  WHERE (d.md5 IS DISTINCT FROM l.md5);
COMMENT ON VIEW stocksync.drift IS 'Objects that are not as "stocksync migrate" left them: one row each, none if all is well.';
COMMENT ON COLUMN stocksync.drift.kind IS '"table", "column", "function", "trigger", ...';
COMMENT ON COLUMN stocksync.drift.identity IS 'Qualified name.';
COMMENT ON COLUMN stocksync.drift.state IS '"changed", "missing", or "extra": not ours, but in schema stocksync or on a table of ours.';
COMMENT ON COLUMN stocksync.drift.path IS 'The file under sql/ that puts it back; null for what migrations make.';
CREATE TABLE stocksync.findings (
    run_id bigint NOT NULL,
    product_id bigint NOT NULL,
    quantity_on_hand numeric NOT NULL,
    total_stock numeric NOT NULL,
    rolled_up numeric NOT NULL,
    ledger numeric NOT NULL,
    movements bigint NOT NULL,
    differs text[] NOT NULL
);
COMMENT ON TABLE stocksync.findings IS 'What an audit found wrong: the columns of stocksync.discrepancies(), of the moment of the audit.';
COMMENT ON COLUMN stocksync.findings.rolled_up IS 'What stock_total and the journal said.';
COMMENT ON COLUMN stocksync.findings.ledger IS 'What the movements said.';
COMMENT ON COLUMN stocksync.findings.movements IS 'Number of movements.';
COMMENT ON COLUMN stocksync.findings.differs IS 'What was wrong: quantity_on_hand, total_stock, roll_up.';
CREATE TABLE stocksync.incidents (
    id bigint NOT NULL,
    run_id bigint NOT NULL,
    product_id bigint NOT NULL,
    found_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    class text NOT NULL,
    before numeric NOT NULL,
    after numeric NOT NULL,
    CONSTRAINT incidents_class_known CHECK ((class = ANY (ARRAY['quantity_on_hand'::text, 'total_stock'::text, 'roll_up'::text])))
);
COMMENT ON TABLE stocksync.incidents IS 'Every correction of stock: nothing heals without a row here. Inserting one applies it.';
COMMENT ON COLUMN stocksync.incidents.run_id IS 'The run that made the correction.';
COMMENT ON COLUMN stocksync.incidents.class IS 'What differed from the ledger: "quantity_on_hand", "total_stock" or "roll_up" (stock_daily plus journal).';
COMMENT ON COLUMN stocksync.incidents.before IS 'The quantity found.';
COMMENT ON COLUMN stocksync.incidents.after IS 'The quantity that the ledger said in the same snapshot; the difference was added.';
ALTER TABLE stocksync.incidents ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.incidents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync.installation (
    only_row boolean DEFAULT true NOT NULL,
    version text NOT NULL,
    deployed_at timestamp with time zone DEFAULT now() NOT NULL,
    to_do text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT installation_one_row CHECK (only_row)
);
COMMENT ON TABLE stocksync.installation IS 'Which stocksync deployed last: one row, or none while a deployment has begun and not ended.';
COMMENT ON COLUMN stocksync.installation.only_row IS 'Always true: there is one row.';
COMMENT ON COLUMN stocksync.installation.version IS 'Version of the Python package, like "0.1.0".';
COMMENT ON COLUMN stocksync.installation.deployed_at IS 'When it last changed something here.';
COMMENT ON COLUMN stocksync.installation.to_do IS 'Statements that somebody with more rights must run before the next "stocksync migrate".';
ALTER TABLE stocksync.jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync.log (
    id bigint NOT NULL,
    logged_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    level text NOT NULL,
    message text NOT NULL,
    product_id bigint,
    actor text DEFAULT SESSION_USER NOT NULL,
    context jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT log_level_known CHECK ((level = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text, 'critical'::text])))
);
COMMENT ON TABLE stocksync.log IS 'What stocksync did and noticed.';
COMMENT ON COLUMN stocksync.log.level IS '"info", "warning", "error" or "critical".';
COMMENT ON COLUMN stocksync.log.message IS 'One sentence, the same for the same kind of event.';
COMMENT ON COLUMN stocksync.log.product_id IS 'The product it is about; null for none or many.';
COMMENT ON COLUMN stocksync.log.actor IS 'The session user.';
COMMENT ON COLUMN stocksync.log.context IS 'The figures behind the message.';
ALTER TABLE stocksync.log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync.movement_history (
    id bigint NOT NULL,
    replaced_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    replaced_by text DEFAULT SESSION_USER NOT NULL,
    operation text NOT NULL,
    movement_id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    movement_type text NOT NULL,
    transaction_type text NOT NULL,
    quantity numeric NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    unit_cost numeric,
    reference text,
    idempotency_key text,
    reverses_id bigint,
    user_id text,
    notes text,
    metadata jsonb,
    batch_id bigint,
    batch_number text,
    expiry_date date
);
COMMENT ON TABLE stocksync.movement_history IS 'The old version of every movement that somebody privileged updated, deleted or truncated.';
COMMENT ON COLUMN stocksync.movement_history.replaced_at IS 'Until when this version was valid.';
COMMENT ON COLUMN stocksync.movement_history.replaced_by IS 'The session user who did it.';
COMMENT ON COLUMN stocksync.movement_history.operation IS '"update", "delete", "truncate", or "late": as it was given, before it was booked on the first open day.';
COMMENT ON COLUMN stocksync.movement_history.movement_id IS 'Number of the movement; the columns after it are the movement''s own.';
ALTER TABLE stocksync.movement_history ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.movement_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE MATERIALIZED VIEW stocksync.movement_trends AS
 WITH daily AS (
         SELECT d_1.day,
            d_1.transaction_type,
            d_1.quantity,
            d_1.movements
           FROM stocksync._past_by_type d_1
        UNION ALL
         SELECT d_1.day,
            d_1.transaction_type,
            sum(d_1.quantity) AS sum,
            sum(d_1.movements) AS sum
           FROM stocksync.stock_daily d_1
          WHERE ((d_1.movements <> 0) AND (d_1.day = stocksync._shop_day()))
          GROUP BY d_1.day, d_1.transaction_type
        ), calendar AS (
         SELECT d_1.day,
            d_1.transaction_type,
            d_1.quantity,
            d_1.movements,
            (date_trunc('week'::text, (d_1.day)::timestamp without time zone))::date AS week,
            (date_trunc('month'::text, (d_1.day)::timestamp without time zone))::date AS month
           FROM daily d_1
        )
 SELECT p.period,
    p.starts_on,
    y.name AS transaction_type,
    y.movement_type,
    trim_scale(
        CASE y.movement_type
            WHEN 'in'::text THEN sum(d.quantity)
            ELSE (- sum(d.quantity))
        END) AS quantity,
    (sum(d.movements))::bigint AS movements,
    (p.ends_on < ( SELECT stocksync._shop_day() AS _shop_day)) AS is_complete
   FROM ((calendar d
     JOIN public.transaction_types y ON ((y.name = d.transaction_type)))
     CROSS JOIN LATERAL ( VALUES ('day'::text,d.day,d.day), ('week'::text,d.week,(d.week + 6)), ('month'::text,d.month,(((d.month + '1 mon'::interval))::date - 1))) p(period, starts_on, ends_on))
  WHERE ((p.period = 'week'::text) OR (d.month >= ( SELECT (date_trunc('month'::text, (stocksync._report_from())::timestamp without time zone))::date AS date_trunc)))
  GROUP BY p.period, p.starts_on, p.ends_on, y.name, y.movement_type
  WITH NO DATA;
COMMENT ON MATERIALIZED VIEW stocksync.movement_trends IS 'What moved in each day, week (from Monday) and month of the shop, by transaction type, as of the last refresh. It begins with the month in which the last report_days days of stocksync.settings begin, and weeks with the one in which that month does, so that no period is cut; movements dated after the day of the refresh are left out. A period without movements of a type has no row.';
COMMENT ON COLUMN stocksync.movement_trends.period IS '"day", "week" or "month".';
COMMENT ON COLUMN stocksync.movement_trends.starts_on IS 'First day of the period.';
COMMENT ON COLUMN stocksync.movement_trends.movement_type IS 'Direction of the type: "in" or "out".';
COMMENT ON COLUMN stocksync.movement_trends.quantity IS 'Units, counted in the direction of the type: above zero, unless more was taken back than moved.';
COMMENT ON COLUMN stocksync.movement_trends.movements IS 'Number of movements.';
COMMENT ON COLUMN stocksync.movement_trends.is_complete IS 'False for the period of the day of the refresh: it was not over.';
ALTER TABLE stocksync.runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync.schedules (
    task text NOT NULL,
    cron text NOT NULL,
    is_enabled boolean DEFAULT true NOT NULL,
    last_due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT schedules_cron_has_five_fields CHECK ((cron ~ '^[0-9A-Za-z*/,#-]+( [0-9A-Za-z*/,#-]+){4}$'::text)),
    CONSTRAINT schedules_last_due_at_finite CHECK (isfinite(last_due_at)),
    CONSTRAINT schedules_task_known CHECK ((task = ANY (ARRAY['sync'::text, 'refresh'::text, 'audit'::text])))
);
COMMENT ON TABLE stocksync.schedules IS 'When what runs, in the time zone of the shop. Change it with update.';
COMMENT ON COLUMN stocksync.schedules.task IS '"refresh", "audit" or "sync".';
COMMENT ON COLUMN stocksync.schedules.cron IS 'Minute, hour, day of month, month, day of week, as in crontab(5): "0 * * * *" is every hour at minute 0.';
COMMENT ON COLUMN stocksync.schedules.is_enabled IS 'False: not now.';
COMMENT ON COLUMN stocksync.schedules.last_due_at IS 'The last time for which a worker has put it into the queue: each time is taken once, however many workers there are.';
CREATE TABLE stocksync.stock_total (
    product_id bigint NOT NULL,
    location_id bigint,
    quantity numeric NOT NULL,
    movements bigint NOT NULL,
    quantity_in numeric DEFAULT 0 NOT NULL,
    first_on date,
    last_on date,
    last_count_on date
)
WITH (fillfactor='70');
COMMENT ON TABLE stocksync.stock_total IS 'What has been rolled up, per product and location: the sum of stock_daily.';
COMMENT ON COLUMN stocksync.stock_total.quantity IS 'Signed sum: in minus out.';
COMMENT ON COLUMN stocksync.stock_total.movements IS 'Number of movements.';
COMMENT ON COLUMN stocksync.stock_total.quantity_in IS 'Sum of the types that bring stock in, less what was taken back; quantity_in - quantity went out.';
COMMENT ON COLUMN stocksync.stock_total.first_on IS 'Day of the first movement; null where there is none.';
COMMENT ON COLUMN stocksync.stock_total.last_on IS 'Day of the last movement; null where there is none.';
COMMENT ON COLUMN stocksync.stock_total.last_count_on IS 'Day of the last movement of a type that counts as "count"; null where there is none.';
CREATE MATERIALIZED VIEW stocksync.slow_and_fast_movers AS
 WITH clock AS MATERIALIZED (
         SELECT stocksync._report_from() AS first_day,
            stocksync._shop_day() AS today
        ), total AS (
         SELECT t.product_id,
            sum(t.quantity) AS on_hand,
            min(t.first_on) AS first_on
           FROM stocksync.stock_total t
          GROUP BY t.product_id
        ), moved AS (
         SELECT u.product_id,
            sum(u.sold) AS sold,
            max(u.last_sale_on) AS last_sale_on,
            sum(u.quantity) AS quantity,
            sum(u.quantity_times_days) AS quantity_times_days,
            sum(u.quantity_later) AS quantity_later
           FROM ( SELECT b.product_id,
                    b.sold,
                    b.last_sale_on,
                    b.quantity,
                    b.quantity_times_days,
                    (0)::numeric AS quantity_later
                   FROM stocksync._past_by_product b
                UNION ALL
                 SELECT d.product_id,
                    (- sum(d.quantity) FILTER (WHERE (y.counts_as = 'sale'::text))),
                    max(d.day) FILTER (WHERE ((y.counts_as = 'sale'::text) AND (y.movement_type = 'out'::text) AND (d.quantity < (0)::numeric))) AS max,
                    sum(d.quantity) AS sum,
                    sum((d.quantity * ((d.day - ( SELECT c.first_day
                           FROM clock c)))::numeric)) AS sum,
                    (0)::numeric AS "numeric"
                   FROM (stocksync.stock_daily d
                     LEFT JOIN public.transaction_types y ON ((y.name = d.transaction_type)))
                  WHERE (d.day = stocksync._shop_day())
                  GROUP BY d.product_id
                UNION ALL
                 SELECT d.product_id,
                    NULL::numeric AS "numeric",
                    NULL::date AS date,
                    NULL::numeric AS "numeric",
                    NULL::numeric AS "numeric",
                    sum(d.quantity) AS sum
                   FROM stocksync.stock_daily d
                  WHERE (d.day > stocksync._shop_day())
                  GROUP BY d.product_id) u
          GROUP BY u.product_id
        ), product AS (
         SELECT p.id AS product_id,
            c.first_day,
            c.today,
            t.first_on,
            m.last_sale_on,
            COALESCE(t.on_hand, (0)::numeric) AS on_hand,
            COALESCE(m.sold, (0)::numeric) AS sold,
            (COALESCE(m.sold, (0)::numeric) *
                CASE
                    WHEN ((p.unit_cost >= (0)::numeric) AND (p.unit_cost < 'Infinity'::numeric)) THEN p.unit_cost
                    ELSE (1)::numeric
                END) AS sold_value,
            ((COALESCE(t.on_hand, (0)::numeric) - COALESCE(m.quantity_later, (0)::numeric)) - ((COALESCE(m.quantity_times_days, (0)::numeric) - ((b.skipped)::numeric * COALESCE(m.quantity, (0)::numeric))) / ((((c.today - c.first_day) + 1) - b.skipped))::numeric)) AS average_on_hand
           FROM ((((public.products p
             CROSS JOIN clock c)
             LEFT JOIN total t ON ((t.product_id = p.id)))
             LEFT JOIN moved m ON ((m.product_id = p.id)))
             CROSS JOIN LATERAL ( SELECT GREATEST(0, (LEAST(t.first_on, c.today) - c.first_day)) AS skipped) b)
        ), ranked AS (
         SELECT p.product_id,
            p.first_day,
            p.today,
            p.first_on,
            p.last_sale_on,
            p.on_hand,
            p.sold,
            p.sold_value,
            p.average_on_hand,
            sum(p.sold_value) OVER (PARTITION BY (p.sold > (0)::numeric)) AS value_of_all,
            sum(p.sold_value) OVER (PARTITION BY (p.sold > (0)::numeric) ORDER BY p.sold_value DESC, p.product_id ROWS UNBOUNDED PRECEDING) AS value_so_far
           FROM product p
        )
 SELECT r.product_id,
    trim_scale(r.sold) AS sold,
    trim_scale(r.sold_value) AS sold_value,
        CASE
            WHEN (r.sold <= (0)::numeric) THEN NULL::text
            WHEN ((r.value_so_far - r.sold_value) < (0.80 * r.value_of_all)) THEN 'A'::text
            WHEN ((r.value_so_far - r.sold_value) < (0.95 * r.value_of_all)) THEN 'B'::text
            ELSE 'C'::text
        END AS abc_class,
    trim_scale(r.on_hand) AS on_hand,
    trim_scale(round(r.average_on_hand, 6)) AS average_on_hand,
        CASE
            WHEN (r.average_on_hand > (0)::numeric) THEN trim_scale(round((r.sold / r.average_on_hand), 6))
            ELSE NULL::numeric
        END AS turnover,
    r.last_sale_on,
        CASE
            WHEN (r.first_on IS NOT NULL) THEN (r.today - GREATEST(COALESCE(r.last_sale_on, LEAST(r.first_on, r.today)), r.first_day))
            ELSE NULL::integer
        END AS days_without_sale,
    ((r.on_hand > (0)::numeric) AND (r.sold <= (0)::numeric) AND (r.first_on < r.first_day)) AS is_dead_stock
   FROM ranked r
  WITH NO DATA;
COMMENT ON MATERIALIZED VIEW stocksync.slow_and_fast_movers IS 'What sells and what lies: one row per product, about the last report_days days of stocksync.settings, the day of the refresh being the last of them; as of the last refresh. Sold is what moved by types that count as "sale".';
COMMENT ON COLUMN stocksync.slow_and_fast_movers.sold IS 'Units sold, less what customers brought back; below zero where they brought back more.';
COMMENT ON COLUMN stocksync.slow_and_fast_movers.sold_value IS 'sold times the product''s unit_cost. A product without one counts as if it were 1, so that a shop that keeps no costs gets classes by units.';
COMMENT ON COLUMN stocksync.slow_and_fast_movers.abc_class IS '"A" for the products that make the first 80 % of the value sold, "B" the next 15 %, "C" the rest; a product on the line belongs to the better class. Null where nothing was sold.';
COMMENT ON COLUMN stocksync.slow_and_fast_movers.on_hand IS 'The stock by the ledger, movements dated in the future included.';
COMMENT ON COLUMN stocksync.slow_and_fast_movers.average_on_hand IS 'Mean of the stock at the end of each day; of a product first moved within these days, since that day.';
COMMENT ON COLUMN stocksync.slow_and_fast_movers.turnover IS 'sold / average_on_hand: how often the stock was sold in these days. Null where average_on_hand is not above zero.';
COMMENT ON COLUMN stocksync.slow_and_fast_movers.last_sale_on IS 'The last of these days on which a type of sale, at a location, moved more than was taken back; null if there is none.';
COMMENT ON COLUMN stocksync.slow_and_fast_movers.days_without_sale IS 'Days since last_sale_on, else since the first movement, but not more than these days; null for a product that never moved.';
COMMENT ON COLUMN stocksync.slow_and_fast_movers.is_dead_stock IS 'There is stock, there was such a product before these days, and in them nothing was sold.';
CREATE TABLE stocksync.snapshot_balances (
    snapshot_id bigint NOT NULL,
    product_id bigint NOT NULL,
    location_id bigint,
    quantity numeric NOT NULL
);
COMMENT ON TABLE stocksync.snapshot_balances IS 'The stock of each product at each location in a snapshot; none where it was zero, if the snapshot is complete.';
COMMENT ON COLUMN stocksync.snapshot_balances.quantity IS 'In minus out, until then.';
CREATE TABLE stocksync.snapshots (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    known_at timestamp with time zone NOT NULL,
    taken_by text DEFAULT SESSION_USER NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    is_complete boolean DEFAULT true NOT NULL
);
COMMENT ON TABLE stocksync.snapshots IS 'Stock as it was at a time, kept for good: of a closing, or taken by stocksync.take_snapshot().';
COMMENT ON COLUMN stocksync.snapshots.at IS 'The balances hold every movement that occurred until then, inclusive.';
COMMENT ON COLUMN stocksync.snapshots.known_at IS 'They hold what had been recorded until then, inclusive, and nothing later; infinity: of a closing, to which nothing can be added, or of balances that came from outside.';
COMMENT ON COLUMN stocksync.snapshots.taken_by IS 'The session user.';
COMMENT ON COLUMN stocksync.snapshots.note IS 'Why, in the words of whoever took it.';
COMMENT ON COLUMN stocksync.snapshots.is_complete IS 'True if whatever has no balance here was zero; false for balances from a file, which says nothing of what is not in it.';
ALTER TABLE stocksync.snapshots ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.snapshots_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW stocksync.stock_by_location AS
 SELECT u.product_id,
    p.sku,
    p.name,
    u.location_id,
    l.name AS location,
    trim_scale(sum(u.quantity)) AS quantity,
    (sum(u.movements))::bigint AS movements
   FROM ((( SELECT t.product_id,
            t.location_id,
            t.quantity,
            t.movements
           FROM stocksync.stock_total t
        UNION ALL
         SELECT j.product_id,
            j.location_id,
            j.quantity,
            j.movements
           FROM (stocksync._journal w
             CROSS JOIN LATERAL unnest(w.lines) j(product_id, location_id, day, transaction_type, quantity, movements))) u
     JOIN public.products p ON ((p.id = u.product_id)))
     LEFT JOIN public.locations l ON ((l.id = u.location_id)))
  GROUP BY u.product_id, p.sku, p.name, u.location_id, l.name
 HAVING ((sum(u.quantity) <> (0)::numeric) OR (sum(u.movements) <> (0)::numeric));
COMMENT ON VIEW stocksync.stock_by_location IS 'The stock of each product at each location, in units. A null location is the one unnamed place.';
COMMENT ON COLUMN stocksync.stock_by_location.location IS 'Name of the place; null for the unnamed one.';
COMMENT ON COLUMN stocksync.stock_by_location.quantity IS 'In minus out, there.';
COMMENT ON COLUMN stocksync.stock_by_location.movements IS 'Number of movements, there.';
CREATE MATERIALIZED VIEW stocksync.stock_summary AS
 WITH clock AS MATERIALIZED (
         SELECT stocksync._shop_day() AS today
        ), total AS (
         SELECT t_1.product_id,
            sum(t_1.quantity_in) AS quantity_in,
            sum(t_1.quantity) AS on_hand,
            (sum(t_1.movements))::bigint AS movements,
            min(t_1.first_on) AS first_on,
            max(t_1.last_on) AS last_on,
            max(t_1.last_count_on) AS last_count_on
           FROM stocksync.stock_total t_1
          GROUP BY t_1.product_id
        )
 SELECT p.id AS product_id,
    trim_scale(COALESCE(t.quantity_in, (0)::numeric)) AS quantity_in,
    trim_scale(COALESCE((t.quantity_in - t.on_hand), (0)::numeric)) AS quantity_out,
    trim_scale(COALESCE(t.on_hand, (0)::numeric)) AS on_hand,
    COALESCE(t.movements, (0)::bigint) AS movements,
    t.first_on,
    t.last_on,
    t.last_count_on,
    trim_scale(round((COALESCE(s.sold_7, (0)::numeric) / (LEAST(7, a.days))::numeric), 6)) AS daily_sales_7,
    trim_scale(round((COALESCE(s.sold_30, (0)::numeric) / (LEAST(30, a.days))::numeric), 6)) AS daily_sales_30,
    trim_scale(round((COALESCE(s.sold_90, (0)::numeric) / (LEAST(90, a.days))::numeric), 6)) AS daily_sales_90,
        CASE
            WHEN (s.sold_30 > (0)::numeric) THEN trim_scale(round(((GREATEST(t.on_hand, (0)::numeric) * (LEAST(30, a.days))::numeric) / s.sold_30), 1))
            ELSE NULL::numeric
        END AS days_of_cover
   FROM ((((public.products p
     CROSS JOIN clock c)
     LEFT JOIN total t ON ((t.product_id = p.id)))
     LEFT JOIN stocksync._past_by_product s ON ((s.product_id = p.id)))
     CROSS JOIN LATERAL ( SELECT GREATEST((c.today - t.first_on), 1) AS days) a)
  WITH NO DATA;
COMMENT ON MATERIALIZED VIEW stocksync.stock_summary IS 'What came in and went out of each product, how fast it sells and how long it lasts: one row per product, as of the last refresh.';
COMMENT ON COLUMN stocksync.stock_summary.quantity_in IS 'Sum of the types that bring stock in, less what was taken back; of all time, at all locations.';
COMMENT ON COLUMN stocksync.stock_summary.quantity_out IS 'Sum of the types that take stock out, less what was taken back; of all time, at all locations.';
COMMENT ON COLUMN stocksync.stock_summary.on_hand IS 'quantity_in - quantity_out: the stock by the ledger. Below zero where more went out than came in.';
COMMENT ON COLUMN stocksync.stock_summary.movements IS 'Number of movements.';
COMMENT ON COLUMN stocksync.stock_summary.first_on IS 'Day of the first movement; null where there is none.';
COMMENT ON COLUMN stocksync.stock_summary.last_on IS 'Day of the last movement, which may be in the future; null where there is none.';
COMMENT ON COLUMN stocksync.stock_summary.last_count_on IS 'Day of the last physical count that changed something; null where there is none.';
COMMENT ON COLUMN stocksync.stock_summary.daily_sales_7 IS 'Units sold a day, on average of the last 7 whole days (of the days since the first movement, if fewer). What customers brought back is taken off, so that it can be below zero. Sold is what moved by types that count as "sale". The day of the refresh does not count.';
COMMENT ON COLUMN stocksync.stock_summary.daily_sales_30 IS 'The same, of the last 30 whole days.';
COMMENT ON COLUMN stocksync.stock_summary.daily_sales_90 IS 'The same, of the last 90 whole days.';
COMMENT ON COLUMN stocksync.stock_summary.days_of_cover IS 'How many days the stock lasts if it sells as in the last 30: on_hand / daily_sales_30. 0 where there is no stock, null where nothing was sold.';
CREATE TABLE stocksync.view_refreshes (
    view_name text NOT NULL,
    refreshed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seconds numeric NOT NULL,
    input text NOT NULL
);
COMMENT ON TABLE stocksync.view_refreshes IS 'When each materialized view was last refreshed. A view whose input has not changed since is left alone.';
COMMENT ON COLUMN stocksync.view_refreshes.view_name IS 'The materialized view, without its schema.';
COMMENT ON COLUMN stocksync.view_refreshes.seconds IS 'What it took.';
COMMENT ON COLUMN stocksync.view_refreshes.input IS 'Fingerprint of what the view was made of: version of the roll-up, day, settings, products, types.';
CREATE TABLE stocksync.yoyo_lock (
    locked integer DEFAULT 1 NOT NULL,
    ctime timestamp without time zone,
    pid integer NOT NULL
);
COMMENT ON TABLE stocksync.yoyo_lock IS 'One row while migrations run.';
ALTER TABLE ONLY public.locations ALTER COLUMN id SET DEFAULT nextval('public.locations_id_seq'::regclass);
ALTER TABLE ONLY public.products ALTER COLUMN id SET DEFAULT nextval('public.products_id_seq'::regclass);
ALTER TABLE ONLY public.stock_batches ALTER COLUMN id SET DEFAULT nextval('public.stock_batches_id_seq'::regclass);
ALTER TABLE ONLY public.stock_movements ALTER COLUMN id SET DEFAULT nextval('public.stock_movements_id_seq'::regclass);
INSERT INTO public.batch_consumptions VALUES (73, 2, 5, NULL, '2026-11-21 17:13:17.711434+00', 'sale', 'order-2');
INSERT INTO public.batch_consumptions VALUES (73, 1, 2, NULL, '2026-11-21 17:13:17.711434+00', 'sale', 'order-2');
INSERT INTO public.batch_consumptions VALUES (74, 2, -1, 73, '2026-11-21 17:13:17.71542+00', 'sale_return', 'order-2');
INSERT INTO public.batch_consumptions VALUES (76, 1, 2, NULL, '2026-11-21 17:13:17.721816+00', 'transfer_out', 'transfer 75');
INSERT INTO public.batch_receipts VALUES (71, 1, 10, NULL, '2026-11-21 17:13:17.699989+00', 'purchase');
INSERT INTO public.batch_receipts VALUES (72, 2, 5, NULL, '2026-11-21 17:13:17.709361+00', 'purchase');
INSERT INTO public.batch_receipts VALUES (77, 3, 2, 76, '2026-11-21 17:13:17.721816+00', 'transfer_in');
INSERT INTO public.batch_receipts VALUES (NULL, 4, 105, NULL, '2026-11-21 17:13:17.726769+00', NULL);
INSERT INTO public.batch_receipts VALUES (NULL, 5, 281.25, NULL, '2026-11-21 17:13:17.726769+00', NULL);
INSERT INTO public.locations VALUES (1, 'shop');
INSERT INTO public.locations VALUES (2, 'store');
INSERT INTO public.products VALUES (1, 'A', 'Apple', 276.25, 23, 'active', false, NULL, NULL, NULL, false, 'fefo');
INSERT INTO public.products VALUES (2, 'B', 'Banana "ripe"', 401.25, 401.25, 'active', false, true, NULL, NULL, false, 'fefo');
INSERT INTO public.products VALUES (4, 'D', 'Dates', 9, 9, 'active', false, NULL, NULL, NULL, true, 'fefo');
INSERT INTO public.products VALUES (3, 'C', 'Crème', 386.25, 386.25, 'active', false, false, NULL, NULL, true, 'fefo');
INSERT INTO public.stock_batches VALUES (2, 4, NULL, 'L2', 5, 1, DEFAULT, 3, '2029-12-31', '2026-11-21 17:13:17.709361+00', 'quarantined', NULL);
INSERT INTO public.stock_batches VALUES (1, 4, NULL, 'L1', 10, 6, DEFAULT, 2.5, '2030-01-31', '2026-11-21 17:13:17.699989+00', 'active', NULL);
INSERT INTO public.stock_batches VALUES (3, 4, 1, 'L1', 2, 2, DEFAULT, 2.5, '2030-01-31', '2026-11-21 17:13:17.699989+00', 'active', 1);
INSERT INTO public.stock_batches VALUES (4, 3, NULL, 'opening', 105, 105, DEFAULT, NULL, NULL, '2026-11-21 17:13:17.726769+00', 'active', NULL);
INSERT INTO public.stock_batches VALUES (5, 3, 2, 'opening', 281.25, 281.25, DEFAULT, NULL, NULL, '2026-11-21 17:13:17.726769+00', 'active', NULL);
INSERT INTO public.stock_movements VALUES (10, 1, NULL, 'in', 'purchase', 9.25, '2026-02-01 23:00:00+00', '2026-11-21 17:13:17.478641+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (24, 3, 2, 'in', 'purchase', 23.25, '2026-02-03 17:00:00+00', '2026-11-21 17:13:17.478843+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (25, 1, NULL, 'out', 'sale', 24.25, '2026-02-03 20:00:00+00', '2026-11-21 17:13:17.478861+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (26, 2, 1, 'in', 'purchase', 25.25, '2026-02-03 23:00:00+00', '2026-11-21 17:13:17.478875+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (27, 3, 2, 'in', 'purchase', 26.25, '2026-02-04 02:00:00+00', '2026-11-21 17:13:17.47889+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (28, 1, NULL, 'in', 'purchase', 27.25, '2026-02-04 05:00:00+00', '2026-11-21 17:13:17.478905+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (29, 2, 1, 'out', 'sale', 28.25, '2026-02-04 08:00:00+00', '2026-11-21 17:13:17.478919+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (30, 3, 2, 'in', 'purchase', 29.25, '2026-02-04 11:00:00+00', '2026-11-21 17:13:17.478935+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (31, 1, NULL, 'in', 'purchase', 30.25, '2026-02-04 14:00:00+00', '2026-11-21 17:13:17.478952+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (32, 2, 1, 'in', 'purchase', 31.25, '2026-02-04 17:00:00+00', '2026-11-21 17:13:17.478966+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (33, 3, 2, 'out', 'sale', 32.25, '2026-02-04 20:00:00+00', '2026-11-21 17:13:17.478981+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (34, 1, NULL, 'in', 'purchase', 33.25, '2026-02-04 23:00:00+00', '2026-11-21 17:13:17.478996+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (35, 2, 1, 'in', 'purchase', 34.25, '2026-02-05 02:00:00+00', '2026-11-21 17:13:17.479011+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (36, 3, 2, 'in', 'purchase', 35.25, '2026-02-05 05:00:00+00', '2026-11-21 17:13:17.479025+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (37, 1, NULL, 'out', 'sale', 36.25, '2026-02-05 08:00:00+00', '2026-11-21 17:13:17.479042+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (38, 2, 1, 'in', 'purchase', 37.25, '2026-02-05 11:00:00+00', '2026-11-21 17:13:17.479057+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (39, 3, 2, 'in', 'purchase', 38.25, '2026-02-05 14:00:00+00', '2026-11-21 17:13:17.479072+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (40, 1, NULL, 'in', 'purchase', 39.25, '2026-02-05 17:00:00+00', '2026-11-21 17:13:17.479087+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (41, 2, 1, 'out', 'sale', 40.25, '2026-02-05 20:00:00+00', '2026-11-21 17:13:17.479101+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (42, 3, 2, 'in', 'purchase', 41.25, '2026-02-05 23:00:00+00', '2026-11-21 17:13:17.479116+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (43, 1, NULL, 'in', 'purchase', 42.25, '2026-02-06 02:00:00+00', '2026-11-21 17:13:17.479133+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (44, 2, 1, 'in', 'purchase', 43.25, '2026-02-06 05:00:00+00', '2026-11-21 17:13:17.479148+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (45, 3, 2, 'out', 'sale', 44.25, '2026-02-06 08:00:00+00', '2026-11-21 17:13:17.479163+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (46, 1, NULL, 'in', 'purchase', 45.25, '2026-02-06 11:00:00+00', '2026-11-21 17:13:17.479178+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (47, 2, 1, 'in', 'purchase', 46.25, '2026-02-06 14:00:00+00', '2026-11-21 17:13:17.479192+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (48, 3, 2, 'in', 'purchase', 47.25, '2026-02-06 17:00:00+00', '2026-11-21 17:13:17.479207+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (49, 1, NULL, 'out', 'sale', 48.25, '2026-02-06 20:00:00+00', '2026-11-21 17:13:17.479224+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (50, 2, 1, 'in', 'purchase', 49.25, '2026-02-06 23:00:00+00', '2026-11-21 17:13:17.479239+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (51, 3, 2, 'in', 'purchase', 50.25, '2026-02-07 02:00:00+00', '2026-11-21 17:13:17.479254+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (52, 1, NULL, 'in', 'purchase', 51.25, '2026-02-07 05:00:00+00', '2026-11-21 17:13:17.479268+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (53, 2, 1, 'out', 'sale', 52.25, '2026-02-07 08:00:00+00', '2026-11-21 17:13:17.479282+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (54, 3, 2, 'in', 'purchase', 53.25, '2026-02-07 11:00:00+00', '2026-11-21 17:13:17.479297+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (55, 1, NULL, 'in', 'purchase', 54.25, '2026-02-07 14:00:00+00', '2026-11-21 17:13:17.479312+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (56, 2, 1, 'in', 'purchase', 55.25, '2026-02-07 17:00:00+00', '2026-11-21 17:13:17.479328+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (57, 3, 2, 'out', 'sale', 56.25, '2026-02-07 20:00:00+00', '2026-11-21 17:13:17.479344+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (58, 1, NULL, 'in', 'purchase', 57.25, '2026-02-07 23:00:00+00', '2026-11-21 17:13:17.479358+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (59, 2, 1, 'in', 'purchase', 58.25, '2026-02-08 02:00:00+00', '2026-11-21 17:13:17.479373+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (60, 3, 2, 'in', 'purchase', 59.25, '2026-02-08 05:00:00+00', '2026-11-21 17:13:17.479387+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (61, 1, NULL, 'out', 'sale', 60.25, '2026-02-08 08:00:00+00', '2026-11-21 17:13:17.479402+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (62, 2, NULL, 'out', 'loan_out', 5, '2026-11-21 17:13:17.563998+00', '2026-11-21 17:13:17.56407+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (63, 1, NULL, 'out', 'sale', 2, '2026-11-21 17:13:17.564882+00', '2026-11-21 17:13:17.565513+00', NULL, NULL, 'order-1', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (64, 1, NULL, 'out', 'purchase', 9.25, '2026-11-21 17:13:17.566276+00', '2026-11-21 17:13:17.566569+00', NULL, NULL, NULL, 10, NULL, 'taken back', NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (76, 4, NULL, 'out', 'transfer_out', 2, '2026-11-21 17:13:17.721816+00', '2026-11-21 17:13:17.722203+00', NULL, 'transfer 75', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (65, 3, NULL, 'in', 'purchase', 5, '2026-11-21 17:13:17.649756+00', '2026-11-21 17:13:17.649841+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (66, 1, NULL, 'in', 'purchase', 3, '2026-02-03 15:00:00+00', '2026-11-21 17:13:17.656202+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (67, 1, 1, 'in', 'stock_count_correction', 12, '2026-02-25 00:00:00+00', '2026-11-21 17:13:17.666442+00', NULL, 'count 1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (68, 1, 1, 'out', 'sale', 2, '2026-02-24 00:00:00+00', '2026-11-21 17:13:17.672859+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (69, 1, 1, 'in', 'stock_count_correction', 2, '2026-02-25 00:00:00+00', '2026-11-21 17:13:17.677006+00', NULL, 'count 1', NULL, NULL, NULL, 'movements before the count came late', NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (70, 2, NULL, 'in', 'loan_out', 5, '2026-11-21 17:13:17.563998+00', '2026-11-21 17:13:17.686584+00', NULL, NULL, NULL, 62, NULL, 'undone by run 4', NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (71, 4, NULL, 'in', 'purchase', 10, '2026-11-21 17:13:17.699989+00', '2026-11-21 17:13:17.700715+00', 2.5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'L1', '2030-01-31');
INSERT INTO public.stock_movements VALUES (72, 4, NULL, 'in', 'purchase', 5, '2026-11-21 17:13:17.709361+00', '2026-11-21 17:13:17.709676+00', 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'L2', '2029-12-31');
INSERT INTO public.stock_movements VALUES (73, 4, NULL, 'out', 'sale', 7, '2026-11-21 17:13:17.711434+00', '2026-11-21 17:13:17.711496+00', NULL, 'order-2', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (74, 4, NULL, 'in', 'sale_return', 1, '2026-11-21 17:13:17.71542+00', '2026-11-21 17:13:17.715489+00', NULL, 'order-2', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (77, 4, 1, 'in', 'transfer_in', 2, '2026-11-21 17:13:17.721816+00', '2026-11-21 17:13:17.723835+00', NULL, 'transfer 75', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.transaction_types VALUES ('purchase', 'in', 'Purchase orders from suppliers', NULL, 'never', NULL);
INSERT INTO public.transaction_types VALUES ('opening_stock', 'in', 'Initial inventory', NULL, 'never', NULL);
INSERT INTO public.transaction_types VALUES ('stock_count_correction', 'in', 'Physical count found more', 'count', 'never', NULL);
INSERT INTO public.transaction_types VALUES ('manufacturing_in', 'in', 'Finished production items', NULL, 'never', NULL);
INSERT INTO public.transaction_types VALUES ('sale', 'out', 'Sales to customers', 'sale', 'never', NULL);
INSERT INTO public.transaction_types VALUES ('manufacturing_out', 'out', 'Raw material consumed', NULL, 'never', NULL);
INSERT INTO public.transaction_types VALUES ('promotional', 'out', 'Samples and promotions', NULL, 'never', NULL);
INSERT INTO public.transaction_types VALUES ('sale_return', 'in', 'Customer returns', 'sale', 'never', 'sale');
INSERT INTO public.transaction_types VALUES ('transfer_in', 'in', 'Stock from another location', 'transfer', 'never', 'transfer_out');
INSERT INTO public.transaction_types VALUES ('recovery_found', 'in', 'Missing items found again', NULL, 'never', 'lost_missing');
INSERT INTO public.transaction_types VALUES ('purchase_return', 'out', 'Returns to suppliers', NULL, 'last', NULL);
INSERT INTO public.transaction_types VALUES ('damage', 'out', 'Damaged items removed', NULL, 'last', NULL);
INSERT INTO public.transaction_types VALUES ('lost_missing', 'out', 'Missing or lost items', NULL, 'last', NULL);
INSERT INTO public.transaction_types VALUES ('theft', 'out', 'Stolen items', NULL, 'last', NULL);
INSERT INTO public.transaction_types VALUES ('expired', 'out', 'Expired items removed', NULL, 'first', NULL);
INSERT INTO public.transaction_types VALUES ('transfer_out', 'out', 'Stock to another location', 'transfer', 'last', NULL);
INSERT INTO public.transaction_types VALUES ('stock_count_correction_minus', 'out', 'Physical count found less', 'count', 'last', NULL);
INSERT INTO public.transaction_types VALUES ('quality_control', 'out', 'Failed in quality control', NULL, 'first', NULL);
INSERT INTO public.transaction_types VALUES ('loan_out', 'out', '', NULL, 'never', NULL);
INSERT INTO stocksync._closed VALUES (true, '2026-02-03 15:00:00+00', true);
INSERT INTO stocksync._journal VALUES ('{"(3,,2026-11-22,purchase,5,1)"}', false, '2026-11-21 17:13:17.649756+00', NULL, NULL);
INSERT INTO stocksync._journal VALUES ('{"(1,,2026-02-04,purchase,3,1)"}', false, '2026-02-03 15:00:00+00', NULL, NULL);
INSERT INTO stocksync._journal VALUES ('{"(1,1,2026-02-25,stock_count_correction,12,1)"}', false, '2026-02-25 00:00:00+00', NULL, NULL);
INSERT INTO stocksync._journal VALUES ('{"(1,1,2026-02-24,sale,-2,1)"}', false, '2026-02-24 00:00:00+00', NULL, NULL);
INSERT INTO stocksync._journal VALUES ('{"(1,1,2026-02-25,stock_count_correction,2,1)"}', true, '2026-02-25 00:00:00+00', NULL, NULL);
INSERT INTO stocksync._journal VALUES ('{"(2,,2026-11-22,loan_out,5,1)"}', false, '2026-11-21 17:13:17.563998+00', NULL, NULL);
INSERT INTO stocksync._journal VALUES ('{"(4,,2026-11-22,purchase,10,1)"}', false, '2026-11-21 17:13:17.699989+00', '{71}', NULL);
INSERT INTO stocksync._journal VALUES ('{"(4,,2026-11-22,purchase,5,1)"}', false, '2026-11-21 17:13:17.709361+00', '{72}', NULL);
INSERT INTO stocksync._journal VALUES ('{"(4,,2026-11-22,sale,-7,1)"}', false, '2026-11-21 17:13:17.711434+00', '{73}', NULL);
INSERT INTO stocksync._journal VALUES ('{"(4,,2026-11-22,sale_return,1,1)"}', false, '2026-11-21 17:13:17.71542+00', '{74}', NULL);
INSERT INTO stocksync._journal VALUES ('{"(4,,2026-11-22,transfer_out,-2,1)"}', false, '2026-11-21 17:13:17.721816+00', '{76}', NULL);
INSERT INTO stocksync._journal VALUES ('{"(4,1,2026-11-22,transfer_in,2,1)"}', true, '2026-11-21 17:13:17.721816+00', NULL, NULL);
INSERT INTO stocksync._roll_up_version VALUES (true, 2, 2);
INSERT INTO stocksync._yoyo_log VALUES ('aaebfc61-b0ea-4149-bae7-c4ec44b95b70', '27aaa2ee50ecedce708e3c1336841e16c972a0075e8229ca9460cd56e77f711a', '0001_create_stocksync', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:16.881063');
INSERT INTO stocksync._yoyo_log VALUES ('ab421032-7c9c-40d5-bb80-0cf763de9741', 'b60e903c3e1e561c85bd2fa8fd57c9a95a1ab82c70d73036648e59fa32d5c3db', '0002_create_ledger', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:16.955546');
INSERT INTO stocksync._yoyo_log VALUES ('6bdd15be-5a68-403e-83fb-ed039a20ecd6', '68163fb87298222d5d916ffa734fd31ab2238c8876360d51357e2b1e45153d08', '0003_create_refresh', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:16.98716');
INSERT INTO stocksync._yoyo_log VALUES ('effee216-f799-43d3-8199-e0d4739934d4', '4d6d833e96ebf25ce8f3dba78d789dee0d3b0ecd4df30a161952796e288d5dc3', '0004_create_jobs', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.025389');
INSERT INTO stocksync._yoyo_log VALUES ('427298cc-c7bc-4463-a5ab-73b83a711c49', 'd486a13b6330fbdafaaa64c8558b15e7bdd7eddd608422ea49e79270a115dad6', '0005_create_alerts', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.062959');
INSERT INTO stocksync._yoyo_log VALUES ('0162916f-45f6-41ee-a636-e771975c98c5', 'ba744c15e705ae0b48855f596dacc1acfdb74d23f701f508ae96f5fa4b8c25af', '0006_index_recorded_at', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.073333');
INSERT INTO stocksync._yoyo_log VALUES ('27982f91-999a-43c0-992e-f330642950cc', '076ad48dbdf347cf3b3be1f9f62c8ee665f9ee9ce0d3cf7d3748045bb55c9644', '0007_create_closings', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.131789');
INSERT INTO stocksync._yoyo_log VALUES ('607f3eee-fba5-4376-ad24-99a5f5a11fe6', '69f780fea9440341f5531267e32a65801027da5dae582f3d122e65fde1e5d854', '0008_index_occurred_at', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.140338');
INSERT INTO stocksync._yoyo_log VALUES ('27421c75-85c7-444f-8d09-f1265ea4189d', 'cf276fbfa94e8d5d69420223407615c270bd402a7419ee4c99a1a3e6998934c2', '0009_create_counts', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.167855');
INSERT INTO stocksync._yoyo_log VALUES ('947ecdde-38f1-42db-8c89-7677b84900bf', '829dc381ff387fe961b9fdc02699cef93f1c3ecc93b6c2b466aed32d3c3c1ee4', '0010_index_late_movements', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.177503');
INSERT INTO stocksync._yoyo_log VALUES ('48e968d4-ff9c-4fa4-9d37-918ed94ef0d3', '304b277c5d3ab539eb5535c8f63ab9eb33f018f3b3253999dbfc3a36fe77acdc', '0011_index_future_movements', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.186318');
INSERT INTO stocksync._yoyo_log VALUES ('312f4ed3-065a-4d83-b80c-f9f3372a7dd6', '24b619c66efa8ec3ebf35f8db17deb19df8e3b10bba72f6b8ddaf1bb3a224ec8', '0012_create_batches', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.227703');
INSERT INTO stocksync._yoyo_log VALUES ('08e6faad-a0c6-410a-a82e-1210c07f03dd', '3d89633183dde0e5da767dd7dcfcc0c8cc734d4fb8d4f89910cb9c0561643f0e', '0013_warn_of_expiry', 'apply', 'postgres', 'vm', NULL, '2026-11-21 17:13:17.239442');
INSERT INTO stocksync._yoyo_migration VALUES ('27aaa2ee50ecedce708e3c1336841e16c972a0075e8229ca9460cd56e77f711a', '0001_create_stocksync', '2026-11-21 17:13:16.88015');
INSERT INTO stocksync._yoyo_migration VALUES ('b60e903c3e1e561c85bd2fa8fd57c9a95a1ab82c70d73036648e59fa32d5c3db', '0002_create_ledger', '2026-11-21 17:13:16.955099');
INSERT INTO stocksync._yoyo_migration VALUES ('68163fb87298222d5d916ffa734fd31ab2238c8876360d51357e2b1e45153d08', '0003_create_refresh', '2026-11-21 17:13:16.986726');
INSERT INTO stocksync._yoyo_migration VALUES ('4d6d833e96ebf25ce8f3dba78d789dee0d3b0ecd4df30a161952796e288d5dc3', '0004_create_jobs', '2026-11-21 17:13:17.024876');
INSERT INTO stocksync._yoyo_migration VALUES ('d486a13b6330fbdafaaa64c8558b15e7bdd7eddd608422ea49e79270a115dad6', '0005_create_alerts', '2026-11-21 17:13:17.0625');
INSERT INTO stocksync._yoyo_migration VALUES ('ba744c15e705ae0b48855f596dacc1acfdb74d23f701f508ae96f5fa4b8c25af', '0006_index_recorded_at', '2026-11-21 17:13:17.073009');
INSERT INTO stocksync._yoyo_migration VALUES ('076ad48dbdf347cf3b3be1f9f62c8ee665f9ee9ce0d3cf7d3748045bb55c9644', '0007_create_closings', '2026-11-21 17:13:17.131379');
INSERT INTO stocksync._yoyo_migration VALUES ('69f780fea9440341f5531267e32a65801027da5dae582f3d122e65fde1e5d854', '0008_index_occurred_at', '2026-11-21 17:13:17.13996');
INSERT INTO stocksync._yoyo_migration VALUES ('cf276fbfa94e8d5d69420223407615c270bd402a7419ee4c99a1a3e6998934c2', '0009_create_counts', '2026-11-21 17:13:17.16733');
INSERT INTO stocksync._yoyo_migration VALUES ('829dc381ff387fe961b9fdc02699cef93f1c3ecc93b6c2b466aed32d3c3c1ee4', '0010_index_late_movements', '2026-11-21 17:13:17.177092');
INSERT INTO stocksync._yoyo_migration VALUES ('304b277c5d3ab539eb5535c8f63ab9eb33f018f3b3253999dbfc3a36fe77acdc', '0011_index_future_movements', '2026-11-21 17:13:17.186013');
INSERT INTO stocksync._yoyo_migration VALUES ('24b619c66efa8ec3ebf35f8db17deb19df8e3b10bba72f6b8ddaf1bb3a224ec8', '0012_create_batches', '2026-11-21 17:13:17.227307');
INSERT INTO stocksync._yoyo_migration VALUES ('3d89633183dde0e5da767dd7dcfcc0c8cc734d4fb8d4f89910cb9c0561643f0e', '0013_warn_of_expiry', '2026-11-21 17:13:17.239069');
INSERT INTO stocksync._yoyo_version VALUES (2, '2026-11-21 17:13:16.746812');
INSERT INTO stocksync.archived_daily VALUES (1, 1, NULL, '2026-02-01', 'purchase', 9.5, 2);
INSERT INTO stocksync.archived_daily VALUES (1, 1, NULL, '2026-02-02', 'sale', -12.25, 1);
INSERT INTO stocksync.archived_daily VALUES (1, 1, NULL, '2026-02-03', 'purchase', 54.75, 3);
INSERT INTO stocksync.archived_daily VALUES (1, 2, 1, '2026-02-01', 'purchase', 1.25, 1);
INSERT INTO stocksync.archived_daily VALUES (1, 2, 1, '2026-02-01', 'sale', -4.25, 1);
INSERT INTO stocksync.archived_daily VALUES (1, 2, 1, '2026-02-02', 'purchase', 119.5, 3);
INSERT INTO stocksync.archived_daily VALUES (1, 2, 1, '2026-02-03', 'purchase', 41.5, 2);
INSERT INTO stocksync.archived_daily VALUES (1, 2, 1, '2026-02-03', 'sale', -16.25, 1);
INSERT INTO stocksync.archived_daily VALUES (1, 3, 2, '2026-02-01', 'purchase', 7.5, 2);
INSERT INTO stocksync.archived_daily VALUES (1, 3, 2, '2026-02-02', 'purchase', 14.25, 1);
INSERT INTO stocksync.archived_daily VALUES (1, 3, 2, '2026-02-02', 'sale', -8.25, 1);
INSERT INTO stocksync.archived_daily VALUES (1, 3, 2, '2026-02-03', 'purchase', 17.25, 1);
INSERT INTO stocksync.archived_daily VALUES (1, 3, 2, '2026-02-03', 'sale', -20.25, 1);
INSERT INTO stocksync.archived_daily VALUES (1, 3, NULL, '2026-01-01', 'opening_stock', 100, 1);
INSERT INTO stocksync.archives OVERRIDING SYSTEM VALUE VALUES (1, 1, '2026-02-03 15:00:00+00', 'Asia/Tokyo', 'kept.csv.gz', '0000000000000000000000000000000000000000000000000000000000000000', 'ec685275fe32f91a9f2f56009e80ca9b66eb83817130895080096d8db302ac0c', 21, '{[1,10),[11,12),[13,24)}', '2026-11-21 17:13:17.5684+00', '2026-11-21 17:13:17.695509+00', 'postgres', NULL);
INSERT INTO stocksync.closings OVERRIDING SYSTEM VALUE VALUES (1, '2026-02-03', '2026-02-03 15:00:00+00', '2026-11-21 17:13:17.652671+00', 'postgres', '2026-11-21 17:13:17.655239+00', 1, NULL, NULL);
INSERT INTO stocksync.count_corrections VALUES (67, 1);
INSERT INTO stocksync.count_corrections VALUES (69, 1);
INSERT INTO stocksync.counts OVERRIDING SYSTEM VALUE VALUES (1, 1, 1, '2026-02-25 00:00:00+00', 12, 0, 12, '2026-11-21 17:13:17.665445+00', 'postgres', NULL, NULL, NULL, NULL);
INSERT INTO stocksync.deployed_file VALUES ('functions/live_object.sql', '01c9ae8055f314345f8ad6dde7497962a93595ebab6c730b8dda7321b4e8916d', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_record_objects.sql', '32e5a6c7a149d7a0a8a40c1a9e94936db179bcadec88fd6f94b0294cff27a89e', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_accept_drift.sql', '6ee84fdd76a6fd01094e8802f24893fdfe6b85988988de35080d592e8110d9cf', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_finish_deployment.sql', '5ce7363845f97850f71ff390731e640aae01fe5025382c3acdadf1287196eead', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/doctor.sql', '12bc7cbf676eff27c3c15f264f5e44cf01a7fc84842343846cabf5350fe3b8f9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_adjust_opening.sql', 'b08ae8419207aa533923e046f86a8924d1ea58304ba5d1288d842cb95300214e', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_allocate.sql', '9cc919c17c899cc252b8901456b17b9df61d02c9471982458ff823db6838a34d', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_archived_movement.sql', '1afbf2e58151bca2169f840cb557f2a247f1c65ffd1d68c1792d8efed6ac4bd2', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_as_boolean.sql', '6746ec975dabe3f91e86dcdd90cfdac78fa65b2492902a5296281ace17773f1b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_as_jsonb.sql', '606dc75d7795e123e41836e0e383a6682b8f695b26a0b84e3c0bb491126f9402', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_as_numeric.sql', 'ecabb28b213c9dfa4b93624bfe5a8aefec8a640b33c5a0e82725b9247f6fc4b9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_as_ranges.sql', '442c6d948014e6c6f3a03b996f1649cf54defdb31afac764f25accabd91f218b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_as_timestamptz.sql', '7eeea533726f1e1bcb2834bb7ba15397a98039953107b082592393c370a0b513', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_batch_numbered.sql', 'f5ed02bafe3a4335b94d7d93ce79c7a6800e589f533c962c31e7daf25b262ff9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_batches_at_moments.sql', 'e59029151cf39e6b6930ba8087d1142714a05ef6727447f5c9aad2ffdb24f47e', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_book_corrections.sql', '422c72e02687bba3b7c90e4aec2d1cb0bce5c211f2eb6e9a3e68295c2f92610e', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_book_restore.sql', 'f8f726d558a8ecce155948c3847d1cd824c3d2b5f6c78f2ea49a715dd98b7127', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_bring_back.sql', '9b2637122c335458b870ffe9488376373c42bca5f51dc5c3496d9ffb9fdcebaa', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_cancel_statement.sql', 'ec7371c0db28d4eff6009c3a0f5158a2ab336be4979bbd771091555e46b15064', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_capture.sql', '3c2a7d263aabf550bfef7b03c92b41b38039ca19eee64e565c9603fb7edb5fa5', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_change_batches.sql', 'a0b141c357527bc159535070e5f0121d958b17ef2a864ecf1e7203ecfbb95a2d', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_check_archives.sql', '6b870935fe2de9487349e4ed2a7f7cc9ff6f50f4d0f3fedcc03683a02d597fa9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_check_reversal.sql', '14ec35cf086ab43c42aebbd21c134104f525531f2cb7f1b5905c57a4731ea401', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_check_staged.sql', '0f69877f51df4c1ee64b807d3ecb8e33665ac74a52494a8f7ee23199fce930c5', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_check_type.sql', '9a0c79fcb6a0f8ad8e5ccf89f31852401f49eb3f7b1237aba2985b563d23c9f4', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_check_undo.sql', 'fc6250dd00292af2c0987b31385ae5924a1ec4eb605cba0560025ff6b0ed7f09', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_closing_differences.sql', '6892d37106fd85572fc4927afb9374a45eafa6b4d3a95ef121aa090f4680839c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_consume.sql', '6e09abca4428a22bb5a90510e11ef74933aae5dbe491522dd0ad0c4566d454a8', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_consume_rest.sql', '66681a9ca71ca87b665cc54daa951861f1fbb4f9bc7b129acfab1dec34eb90d7', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_content_md5.sql', 'e650194bba8019dacdddf802fb96679d1543b296452308253697cd5da85b533b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_continue_run.sql', '95a5df34dd18fb105268b49759285825ce0b138603fe7fd28c6c0b4e62973bef', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_correct.sql', 'ad338ff08bf06710e971832fa47430e0f145579ed6502d99108725e29683ff60', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_count_effect.sql', '7dc3c2c659a3e5d2b859f2bcfbad1a38d99252a73cefeb873cbd210c42bd8ba6', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_count_problems.sql', '54ede37dadce2505355b2f8efab33114b33ca6625fc3ef07ac68e21d5a1b3097', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_curve_days.sql', '06393937ca2ddb5490a55d07d094a9269d1756382bbfe1b02b651fa35485ccf7', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_daily_totals.sql', '05a4b115035f52a045cb3cd747dd3a072cc7ac86af525c5c9b9226794e19c8b2', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_day_start.sql', 'de383b782aee2191423e3beacfd0fd1fbb955be13e506accfaf40bf184ee1167', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_doctor_alerts.sql', '48632ac6ffbf5065c98a6735970979a1c33befa00c1e2810c66634df138d1d62', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_doctor_objects.sql', '04d16d6b9d306e46f6b26a07abc8287d88ccffb7934378f5466c1e8b8442302a', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_doctor_operation.sql', '61b84962b7f7564b53ce7bdc0bc71467a7f479a6ee2f50f4c5751c420d0d975f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_doctor_privileges.sql', 'de423fb850dc20c52a1bbbbf8f25b91411c15eb05fdf31215518035e1bfd8288', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_doctor_schedule.sql', '1fc59c4499a8c8bc1a5109f06e55c30eae2984da58070d7f2ada15b1a669e63d', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_doctor_server.sql', '4414a00d4d4840394965738d046b0d316b6f43e414733c0dd74158854c4bd6e8', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_expire.sql', 'fb6600d55d0bff8b26aa85c6e8fca9ff2b0e0f6b26b90c6631e3d580be18e731', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_expired_batches.sql', '244c8fb52f7f0fb6c3297c3ed025131d50025efe6b144a2713b363e12513c197', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_finish_closing.sql', 'e72122965751bcb0ab6ba5d43d09997f963495c03dfd44d92205c7329bd16700', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_finish_job.sql', 'd5448905f60974d6403cbce34459c929f0a6cacc3028bc112769e44f4cb63ce9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_finish_run.sql', 'fa1e34dc4e4c60264d11cbf82c95642b0b874b15022c78b51eebc0948e76ebd1', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_first_open_day.sql', 'b2da1184106765209383956db93074235ed279dc359a58647e00f065429a364c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_given_at.sql', '0a7331756cb17eb37f79f5ff2d1f54eb2b0d841052702e8db1ab87193bbf1a30', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_guard_batches.sql', '04c66f0b61e5984a7369965ec8bc3e4918ac579acd2ebf40e724a17136b06776', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_has_journal.sql', '56ad984a8ba3fdae40b39c5567874877517ed5f596d346ab7328ec025b5722f0', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_has_pass.sql', 'eaecae1584107bb33dc6a4f37d77add6c890e8bb655542808faa25721a322bad', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_import_counts.sql', 'ff10fbb3561bfa5e62bab2742b1621fdfb3859d72ff797cc7b43d78e421a544f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_is_application.sql', 'fe169e1756f065e71c90ad2b6843b7ad7d360d4271eb19cd705f0c3f3b2f3d76', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_is_archived.sql', '6172b9bb753ecce3a3f9211313bb5a0b6ea46f05ca08cdde8e8df57dea8198c1', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_keep_balances.sql', 'dbf67e8c4d90f27ff2cba2eb25c7e374f217d594bc3490497255fb42072c61cb', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_key_problems.sql', 'b3fdaa43fec2a5593f8684d9c6d67f446ca7356d8d6107f216d2abae655257ca', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_ledger_at.sql', '6a2d7dfa03eab244aa1bda0b09838c59b19c3c06a0ac81526b1392fd5a003c58', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_live_grants.sql', '46af43c598e616c2d7183f21db578cb321c208559c510b6e5a36af6a485f1057', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_lock_key.sql', '1f38c66ba3b054b85f671bfb74d431ca139bd660b1ef77bd805df0026cefd890', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_log_changed_movements.sql', '0e8c3474475702c3e45bca392ac216c06dae3d225b91934fcc078397adafbcaa', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_may_pass.sql', '56cebf0a54ede7bcc16367cc6572ae6eff0f026727936b19516226a61e5842ab', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_merge_arguments.sql', 'fad85f93c2989351c7a3fa7a3b3b388bc0e43118744f07358080117d8efb7030', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_movement_batches.sql', 'e3e5ed43466c2cd9d2ba1429f553223db468a1894553505f2b6dd91c6747a429', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_movement_problems.sql', 'af49f77a04679db1c6748a9142bf4f0c1dd14464d413780966c2f3f8d88abda9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_outstanding.sql', '1c53468de251ca684911b6307477512e4ed9d92429cda67d22550aa3969a72ee', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_product_problems.sql', 'c473e46a65e467554e74d57450898e17cb67521a0e46538adb8d15aaf3110d4a', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_read_counts.sql', '26cfc7a304d6d4d538b74ae2848d4414b3e71c0352318bd5b246eb30e20fe51f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_read_movements.sql', 'fa9faf3299b0721f9116292b4ebe8799d999e871f54619496e08abc83ff996bf', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_receive.sql', 'c3e86e86a5e66fba4efe8b6ec5530a119c8ecf4b096dd516812041f35e2ea222', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_receive_movements.sql', '84050535388f496db03058c61cd0203b7cfbdbca1f46bf48066d74ed34f44552', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_recheck_counts.sql', '762425a76dadc869fe60e0513fa970235107a6ae1a14eb889aa54d10ded1faae', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_record_counts.sql', '29a44518226f07bf8358920185fa7d0085628449daee5bfd3a6d92f2a67cf686', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_record_findings.sql', '775e96cc77fcce6e3156ccbe4154453bfa918a33ddd852080f19e5797c754fa7', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_record_found.sql', 'bd3cf3155fe9dc257e0e4df78f59a51a509819ea5fe7e3dd2844d5f5f14a3ffb', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_record_import.sql', '56dcb662acf08b940f750081bd0375ad29e87dfbfe38ab42d4e984191dc9556c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_record_step.sql', '2b56eacdadd5b1a2c43f88aa50a8bec58200fa9e6a4c2b358e88523ea58acac4', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_recount_days.sql', 'fecaf87cddb93d6f1726670ea5888a2f759e95922f64701551f33431b5db6f52', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refresh_views.sql', 'b46d6d3a0b23221c841a7c66edd3e75c4ef0c24f7c44f64bb0315ead3bc92a6d', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuse_archived.sql', 'df547dcb2e82b29d26b8c517f9839a27b52614ffda17d9dfd135f5850aa664a8', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuse_archived_id.sql', '8f48ebc82bb860a9b5a077fc7edfb4b20558c53f3eb291ede74a1c07da7eeffa', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuse_archived_key.sql', '6dee7ef349e88af624ed2f15525e43e60c425320365e56de1e775b09c6174d83', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuse_closed.sql', '9bbfeba98d5959a064a16bed1166f6d22f871bf689ba804ad80d793e2c146148', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuse_key.sql', '37bee2098a0adc5604426ff0dcaa55f54a6e08d2680bf36f3920470ccd571746', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuse_negative.sql', 'd3f3d85e31df0bcb772a0c9754731232ea45e91b5299c3ebf5481773f08786a8', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuse_orphans.sql', '2b0658d4245647af746c8375bc190866d7961a98b0bd263aa158dca67d8986f7', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuses_negative.sql', 'fcf2d65479e073b7e06c5c9e2e8cc1ff247ec2252c3d6bad56e21dfa3db1ac63', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_reject_schedule.sql', '9e0fddcc5792f23c21a30e3f38512585a31fc230325702652501bde4d17c892a', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_report_from.sql', 'ba9455b16dd885fee3648fe56ad6ca691ef3d18c8ffadf05ef3ae8edb78c742c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_requeue_job.sql', '01f1a0c6df95b50bc56b16e418230e071220c97e099b6d650e4bf20fcd31ce73', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_restore_differences.sql', '48db42f8ac7bf4ee55963475786dfd0f160244e7b0233b1c3091f2e64d57abd4', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_reverse_batches.sql', 'e82e5dfb64492c4ad5caa1d30567d04ae6c9b0600e46dd2333cea77a62065c35', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_roll_up_differences.sql', '465011619fc532f6b2ba59a668d92aa621db3cd729353d67f7ed321da45c155f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_runs_still.sql', '93c62c2437e0b0ebe6aaf0c0d5a877dc28005a655337895b5fd72f3440ac1468', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_settle.sql', '6bbd59ddd2a1b210b20afec382bc44b3a2ca443eb6e892eea5d5d55a762057e9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_share_out.sql', 'afaa46c0a4da827803548426e57706554395b5792d781d4f0aa79e171c3ce781', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_shop_day.sql', 'c133bfa12ada27d27d81ff8ee6be5222cfaf7ef8503a764d068713f382b0b93b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_staged_sha256.sql', '2e774031ef99b2b84d56cf3fd6f7df086ba17de58c0cbcf9d2a1e43d233ea6b9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_start_closing.sql', 'cfaa552a4939397a2ed47ce123edf4e9dfa285e9f5bd6548d58ed65f11c5de92', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_start_refresh.sql', '0a63db122d6ee1ea7890776caa76cea65b9cadb0c58c916bc73bd7695715ff1f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_start_run.sql', '0f7989c1b1a3e276628f70e5919182c1eb9ff78d1c38ae9b74de58c57d91cceb', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_stock_at.sql', '00e553e06fc56003e228f82114d62bad0c4c7dae139596bc76c5ff2c4d82b1ee', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_stock_at_moments.sql', '6218c22a87d6678dedf8288eb4f48e4f1f97e793a8d40431124001909b51b893', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_store_snapshot.sql', '6908ce9f2d6171f95b6533619274774cd8329f5302ff45cee2a94b64c409e3ae', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_suspects.sql', '477907ce6300f4ee879af080a32903a66910125b71481280a680d434217389c5', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_take_back.sql', '4ad4530769c230eee141b4a98967c804f8aa85ee41f072ab91e8947a874bfbc1', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_take_job.sql', '24457696f9767f30102f7a339494b01a3e47f2a9ad25c8fe03fe2a7219dd3c48', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_tidy.sql', 'e6a81d99cd8e7c9121cbcd64de30d80632aabb389879716a60bb53e639ffb109', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_undo_corrections.sql', '0e2818965dc5717bb99cc47848f76226cb97015bc169c1f9e7100b3e3f41573f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_undo_movements.sql', '6cb27ed3a05c0710e5b24e4f8945fafc77a255cd812d0e33c3d785fc239b4f71', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_value_by_average.sql', '432c1e926dafb2d8098ccb16003dbc3bb1af685cee8dda93fc0d09f8cff851da', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_value_by_batch.sql', '8c1267e2bcfcfc1711e8fdbf78003b9751672ed2b159a4e38b083205aaf30ae8', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_value_by_fifo.sql', 'fadae5d9718b8594a567992ff3a6a60f31e88791dbebd171d45784b6e9d9d800', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_value_events.sql', 'b6f943665b9d9b2bf4a6fd45c775b5595167b5e74f11266ef76421cf8b913d8c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_view_input.sql', 'c95c6ad1f555e25c4bc5687efb671aea3c2c1ae9e1446e5b7dc4c57d3cd16ecc', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_write_log.sql', '1ab020ff1735f8f3986f91c2f38793232c3ca9e1e48cca9572fef7af117afb9b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_writers.sql', 'ae3ff547a923b81dba392520f0c57b7c04adffa7678efd7f6b9fd23fe19c4ca6', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/alert_conditions.sql', '374dd2fff4fa5182e0a2638c6e4dac7df060824f37472db8ae292b38a667e6bc', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/alerts_sent.sql', 'bf340a626bb81a810f89317b54ea856ea6d25c862c66e818166f135332cd5fca', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/archivable.sql', 'de1a6cb15709e07b5ef328ccae94fea43018cc45b82f318b95e1b6dcc4e698f5', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/archive_movements.sql', 'c1a2b092e9b92ba9d649f373370581a0922556b98303704b4d1c5d3b1d3f339a', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/available.sql', '22c8f257648a19a664f3f87c13712c9a0205da08905345d3a8cedee31b477eaf', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/batch_discrepancies.sql', '27738813dd522728f034b06d36803e18fd446eb94e36d5fd71bcd0c7bb501d89', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/batch_id.sql', 'ee5ef2c0f63b5d1c2706826b5b75c426f428188e2b9840c9f8e953ac7ebd1bbd', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/beginning.sql', '7fcb0329c623e9cfd6c840533df884342e652a9b790ae5b7b713a45f33928cf2', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/cancel_job.sql', 'e391294c1ec1bda2648de92f1b487caa262834629fccfe98f31e7379a6cb35d0', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/check_scope.sql', '7f492b240639d172992fa197d48a72e582434c40afb813fb919bbb7d4302b470', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/correct_batch.sql', 'c4d5c6d8b702aadb286c553df5d1ae987aa1f052733501181f7b3fb09630ecf5', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/corrections.sql', '087adf9169b3ff228bc055fd332f7a9c2ba6ee8df3c9e5b60f721a71c945496d', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/discrepancies.sql', 'eb507b33a428b4c906cf5b65a07b0c8a7718f5ff17d0d64330e4bf5a6f8d1200', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/enqueue.sql', '5ae59d641433fa8d485843d5685933f65a7ab2a7bb16ca3246a79ded6d219d7c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/enqueue_scheduled.sql', 'f754a759d0510d54de8c2265e37eacdbeba71aa5c5b75b65181dd986c56df260', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/expire_dry_run.sql', 'd0a1b26b44f165bdfa473a859ab3d7d662c028afd8fdf3b814aff4f72a6c979a', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/expired.sql', '1f494000e8eb80fcc65035559daa5b5423c3d4d243cc66ccd69365e5453d4ec0', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/explain.sql', '3a41613958b80070f2e6ba948d774e04afd4e2baa93d59600c452b9ede0085dd', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/fail_job.sql', 'fa39b2551d219803cb2ea2c77bf1c73eba4440828c96f04b4ec7fd3073172a03', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/failed_corrections.sql', '04e719f0b7ea59d5f31b7118fe9c470ce78961fef638248ee1e200057db9a818', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/findings.sql', 'd9ba52e096520b4585217cc40183c11c5bbbc54a703609eadc4eaad925b261f1', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/fold.sql', 'cd315e0ebcef87b630d5d577d4ba5004be665243d00c63d8c2ca7951a9285782', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/follow_log.sql', 'cde21fbd7a79824c8ccdd151167ee8b9764d1e9dff0f2fcaa723db809289291c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/grant_roles.sql', '96461218045bf7d8cea6da6591d4cb423dfc956feb6674b17e94c928a1687a7b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_balances.sql', '7af62322aaa81671930a2ac83bb55dc8dbab8455f570643fc271657b0f8ee7aa', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_columns.sql', '7f928995f89fa6bbf43b8fc9ec302cee9a5713da81ebb9244e6a87fb802b4387', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_counts.sql', '291260383dc1e47e18ba74ac3ce8603d33eedbbe8e4ed9ef3ca012528f6616b1', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_movements.sql', 'bc06ce5dafd5841cad60a6209687ff3c50c533707bfa127142729cdcb23b136e', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_problems.sql', '6f87dff302c9a7a03f6e479c9d4dfe09b6f3139ca685457fc5e84d8141757616', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_products.sql', '2e50bedc68092f653929b33d79f84469f6c4065cbe11fecbc6c28adb9d8bf7ad', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/list_archives.sql', '781875d404a735fcaf66cd536c116265338064ec5b344b29c3ee0e8b9e903553', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/list_batches.sql', '3c278837d79e3aec7bcc363b6efeba25017f0513fc6e7e9bc67c3ee21f00a8c7', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/list_closings.sql', 'f715652b6ff7df67aaeb15d0a48607d462cc33fdd019d2d788116a796de366a6', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/list_jobs.sql', '0488ef47b493718ab719e70afe291029a01456c4fa03c4d301f7baf50b957085', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/list_schedules.sql', '60c2d16088d8a094b2cb54f4618d9cdfb68630ead0b8e2706476031205f312dc', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/list_snapshots.sql', '3d2f39fd54ea01710a4174f50eef8207812af1f96ad9f07e8a056487a6e23c61', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/location_id.sql', '0e522d82121a933355b5b3123ea08d105af558f957964ddb9a2c666cee41abc3', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/lock_products.sql', '2b5a038c84b44e7123d4f11ca821c93cf22b96bd5430018e13a9c4c945c6c9a2', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/metrics.sql', 'e92c8f39f56076f57c8f6443a03334461ab0f3ff187f80e980f1172accfb0a1b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/moment.sql', '217bee49ffe939afa90e35cfb158238410babbf750eec11975d10e6478ecfe68', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/movements.sql', '3adeab3b70d91dd3868a3d5884cdcf796088028061fe3d9c73222db844880c84', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/negative_in_past.sql', '8fa858023bcb272f415371104cca73db1b5fc107beb0258dd5d4fc15be43585f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/not_valued.sql', '6dc9786b004625c0af345fb9914bd986f4b80abf32e71dbb6e290365b9aa68ad', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/opening_batches.sql', 'a110458521726c7c637858debd19bfef9664dbea4f98491f8604a098dd3618af', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/pg_cron_statements.sql', 'e99ac04e25b267f1ce4df5d42b872225b3225149b870e99f4a417e7d63112292', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/product_id.sql', 'e3a65d533d9da725ea537f0763720c67d285d1cf72301b028d345fa9306a5444', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/quarantine_batch.sql', '03bf9ed34c73fbc735e7df750f8408674a1e469c748d0f82f6504b92cdc2f4e6', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/raise_alerts.sql', 'e3dcb582e18c2b36c570b76b72282de7d887b9c75d9f3154e96ad6bd6229b27d', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/read_alerts.sql', '07d26456ac75be9bb5106bfa7a2660bd705d68b9c7e5bf986eba9bdc3e7c1707', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/read_log.sql', '169a270859942b2c1ec645d02948ecc8845fc48ec37d6b4a8c20e9a09a56f62e', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/reap_jobs.sql', 'ad8bbdfde9ff831debad877f6b02c323fb7e11912a317d7fa42087b2598bf241', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/receive_batch.sql', '8b1ddb79967f6c1deb211ce0bcd91ec41a982cbce262e228a64fefbbae63d94a', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/record_count.sql', '818857548b0ab39aa5c804e05ec15fce351847d179f66ddb0da3516a97c35f7b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/record_movement.sql', 'd9acf2e7c5cac0d027b3a4011fdbc4e00398441496712720e2d9b8cfd4380de0', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/release_job.sql', '3b837ae2f94999e20f3652980cf8612792b268893e71a3774b3a39f0aade232b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/reopen_period.sql', '29a2cdd04645108ca79e79a847063805afe2f14b6d43c13507147b9fc26eb5be', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/report_as_of.sql', '105756f86a54d6a3a333828a7b56d7411191ce91fe44b4fe55031d2456c69652', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/report_movers.sql', '1de72339a3e860a9ed3875267cdae245942c467f49bfe4570c9900322f63816c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/report_stock.sql', '4dc88b978217e7056ca270d1b7a62272fbb6e8a8a223435ba1fe2b626ddc5d3e', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/report_trends.sql', '685fde821338b982c2a771f19677ebada10475a57ba73d9accb4e4bd5f994844', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/report_value.sql', '578a737c7e7e4082fde50a53ac035a2605cc9780ba2d4028664d9280072afc65', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/restore_archive.sql', 'a33387c5de5ec936e24a62bd751cd463f2eaac06eeb91deb89c40cf04b5f58fa', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/restore_dry_run.sql', '0eb5c967d4572ed5e7939bc33fbcc94d9c5de354b8739112a096a93656ecb7c7', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/restore_source.sql', '163442c19916093486dcbb65a7fa57136f454e096fad1846e7bfb65c23e87d26', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/retry_failed_jobs.sql', '66813aaa844cc8e9efca0836ae4c5e38e46f5917a3da0dfb21a6d38ed2d2402a', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/retry_job.sql', '01cf608763449fac97525cde04ba31a005d736544e584f4b5199d2413b2c4617', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/reverse_movement.sql', 'b3d56a1adb58ac4abe9f87b39f08fe438921975acc0cccda9f31019598c4d54f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/roll_up.sql', 'e96239f813616d518553ece07e2d55f704220ed4f6619880381a1794f08b081c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/run_cost.sql', 'f6c62cff9c8b39ea2b15c9721071f427a6b1e8b4d1afa7df92a1a864d36a2353', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/schedule_status.sql', '951d32a0194adec17243b3e415fac5861e429b7084ce56ad9e94be4f1c191dc8', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/show_job.sql', '5d30109f5e6c0beec687b79f4fa111c8beb579ed9f73f2c26281d5a6f2e05507', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/stage_archive.sql', '6fcffe5c88e5cc6fc98ea1f991005d3a054b73fd8163daf92188de5b92b1d236', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/stage_import.sql', 'dc7d08c8c101ec6f1c71a402e80b7e84f9b5c4bca71eba0fd757d5e8ba09e7e8', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/stock.sql', 'b1a67362e1f09c132f4337ebf0954fc47e8d63ee454f79bab2c9b2c9a80ec11c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/stock_as_of.sql', '0e92214a857528958a87522738069ef7862bb6ee515f01e34d33b0629e1dbbbe', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/stock_history.sql', '50c3ce81f9829bbe7e3c36f0e64e88135882ba297c36351fa11b40e7cff06e14', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/stock_known_at.sql', 'a62012dc5adc4cc289917bb0fbfdf96273a3ee60bb576adc469217f35f627fbc', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/sync_dry_run.sql', '1e63692a63c8ee32ac23067a7710292e6869969c893ef3aac754ac3d81e123c5', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/take_alerts.sql', 'c6f83e8ff1a59038b6f31838d0819cd0830ea65908c5f5da2d6ff881a205a2c9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/tick.sql', 'a86d3f253276bd7ae119cf64f6b669d30fde40d9205edbd11c50c36108cc6ad0', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/track_batches.sql', 'd7bf156cf3fbab95762b3d8d8cc4d95ec4f5356213a7db58032b0b57246e7182', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/transfer_stock.sql', '6568bae9b43de6fcd7ca496432db1b29e04e7d925d2aefc35c671bdf3cba7fca', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/undo_counts.sql', 'f4f1e36ec91ace98f024577daf18c8563fbcfa8f82d7653c9187306031aa0cb9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/undo_dry_run.sql', '19173e198162fb98393e4c34b7518f3e4894c91671f8080ee4ae06d1440d0b27', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/undone.sql', '122c9b7626223110e24f7beb0148f9a5d95ccc675bfa20b53994f80ef98de7c1', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/use_job_timeout.sql', '1bcafd20b59fed877aed84acc4c01e893807ecaf6f4d18f7eaf1d4f9708f1ac9', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/use_shop_time.sql', 'b880bc05ac7e0828f98095f57475002b29e4175010e83c15e433ad59d50858a1', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/_correct_all.sql', '387b65b37a6c1b43aa2e88e7067b16218e8673ea5b13f59f3b78a547b2183b2b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/_end_step.sql', 'bc3f7c87326a15aabb02b1d7a9ba04a06fb77616cc0aafc07102363ded2100f7', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/_wait_for_writers.sql', '841a41e34ced151a1f349c4c340a0ef8624ddd27dd64b365d14639b6443700d1', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/audit.sql', 'bf7da1062602d13255d0bc900bba144b2b8c7fb1b6220a321c40870f438bffeb', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/close_period.sql', 'c838e5a1ab5d1b47c6d358f5f83a90b091e0640a0563503c58e3b02fbb04573f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/expire.sql', '96bbff0514941db5b9974bec24371eb8e8723a70c7cb4d2d4c0ff23f442bcf67', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/refresh.sql', '88c200b2e7f036bc4f143d4a53fa96d28a63ece901ca7dd519f47c615dd5a679', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/restore.sql', '069c97eeaccbee1c357f22033914dab58c96824c512c2ba03ee8e67eb7ef1abb', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/run_job.sql', '01a7b17845c8b9a34238dbd7e0913c430de798dc98e0ad885c3b7038efc1d5cc', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/sync.sql', '0d4516f60d5c550d82405847a4a5de0b8f7312f5dce3fb55520ac551a733790a', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/take_snapshot.sql', 'fb94d4e12487c89a1b3dd06ea66784fd6f160f2202d603f9c38ad46622ce5913', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/undo.sql', '033db3de1b300804b207c213bf97fd9954f5e9f93d4bf7753e6c409cc87cfbed', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('materialized_views/_past_by_product.sql', '72d65a1bd55ab3224feb9a55f147e609b43d9b7346c9c85235df61bc61392923', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('materialized_views/_past_by_type.sql', 'f908c635a270adbd9ad0ddc8a551d8d7e7e3b17f844e57d1424181de37ea8630', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('materialized_views/movement_trends.sql', '93be6b0cec289a731ed0539dfa25deeb4b9f5728ea6e7a36c98ca838320c079e', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('materialized_views/slow_and_fast_movers.sql', '417e4a4000310d788c658cf6e683b218dc9d1996f049d7abe85a59011bac0136', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('materialized_views/stock_summary.sql', '35d8a9e0d11bda2b958c5e9afe72eb9461d51f3447dae9c1b6331d7cd373208b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('views/_last_run.sql', '96acfc9d139ae843a42fa87ea29d1b3a09852386697b1374695b993d5dd1d364', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('views/_stock.sql', '3a3d4b4cedf973cb1ec04c971d21c39600e900f7c747aed3768f848e8bf4fccf', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('views/_turnovers.sql', '8fd097e6c9dc7856951ca05309865f85a4b11eaf256deeb66f2d874ffd6520f0', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('views/drift.sql', 'd7e4a66c3efaebcb36d0c4891f87b99a2e9881cbb2814d85ec7128b872749ac3', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('views/stock_by_location.sql', '9981c0ddc0b9af65db43c089bb53ca8563adc2de7178f3d18114474c53496304', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('views/stock_on_hand.sql', 'b929cd89d48b345f1187bb13a02c4e28fee030b140bbd1421e31d08269a73f3c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/_back_dated__check.sql', '1903fd9b085ea9b769cb3764088fdbc39a8b6a9de33cf7ff1ceeb684a9c06ebb', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/_journal__settle.sql', 'dd3108f3b249617e358fe9a33baa40e3ed3dc454addb15b006203be05de0f1c3', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/_pending__fold.sql', '77624de2813739506274312d2774971fe6a7b403f0b4be692cac92c2a368183f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/_unsettled__settle.sql', '9a241b97943796ff4e28f0029e06b69c98b0b8e8697c2de01eea66f07ee87d17', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/batch_consumptions__guard.sql', 'f02562e920fb2676e1fb2e0ef4b25998bdfb21fd173cc8d59b5b0f01dc4fb08e', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/batch_receipts__guard.sql', 'cebc23817a1f8c257523eee88c6e5e8a796a68ac67905673efc0fadcbb1744a3', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/incidents__correct.sql', '2d6e44d66592dbbb06012f2650be38484c47a5409d6a0865eecb0bb25bf20461', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/products__batches.sql', '38a2aa19b46fcda204bd99c4b063f706841d3cf9baf0e68b117637c64b5c537b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/products__guard.sql', '25acbabb7ca4441d7fb5067e8606ce60e66beecfa46ed24b024d874f8f7c6886', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/products__identity.sql', '10ca120abfbef3a34e93d5d5c2d140873b530ec430e84c2372e474d9cfa90602', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/settings__guard.sql', '420260205840819a922f1b602623dfd6d43e0d050525cdca82debd627a968996', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/settings__time_zone.sql', '3899cc80090624bfac7da43e0c91e6b30eb33bef73c0abeeb5e1cb73861a9f0b', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_batches__guard.sql', '961247d9a13387c48ca95a42ad688a8714f4c904b191638b7ef15a121c547989', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__capture_delete.sql', 'ebb28f26dc16515e3dd41cebd71e37e78354bdb43aa0d03b9a7b92642f50a20a', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__capture_insert.sql', 'cbd43d8d63f2b478de55dfccee9a9c8644ffa85915b868a214ceaee7824e9050', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__capture_update.sql', '7abf8cc620f093e0f1905f431cbf7546f6e8888f9f50b226e40653f097d140e5', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__direction.sql', 'c7c2d9d5e5b042cbc0a57f4c2b6fbeb3f2d2736bd9f73cf6e12a1d59ff8d8e8c', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__history.sql', '540d9f6b678d4100137f7bba17b78689e6ad2e6924b350659fb5d50d4280b87f', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__truncate.sql', '34799e1c56ed6b8bafd65364fa090d98083c65c1a491ca7a7f520983a231d116', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/transaction_types__counts_as.sql', '7b8dfac321887914796866f2917867379ee9dbbc6171162590122b3d1fbf5880', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/transaction_types__guard.sql', 'c111515c8de743f7ae187e329746a92b347bb6196c9e187d79b369d8ba226a26', '2026-11-21 17:13:17.245244+00');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.correct_batch(bigint,text,date,numeric,text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._doctor_privileges()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.list_schedules()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._passes', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.batch_id(bigint,text,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._movement_problems(boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('role stocksync_auditor', 'stocksync_operator', 'member');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._undo_movements(bigint,timestamp with time zone,text,text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._turnovers', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.deployed_object', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.transfer_stock(bigint,numeric,bigint,bigint,bigint,text,timestamp with time zone,text,text,text,text)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.batch_consumptions', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.run_cost(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.retry_failed_jobs()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.settings', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._store_snapshot(timestamp with time zone,timestamp with time zone,text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.list_jobs(text,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._writers(boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.snapshot_balances', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.product_id(text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._finish_closing(bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.view_refreshes', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.counts', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._stock', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.read_alerts(boolean)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._continue_run(bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.batch_receipts', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.moment(text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.installation', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.movements(text,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync.sync(bigint,bigint,timestamp with time zone,boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.alerts_sent(text,bigint,text,interval,timestamp with time zone)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._shop_day()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync.take_snapshot(timestamp with time zone,text,bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.receive_batch(bigint,numeric,text,date,numeric,text,bigint,timestamp with time zone,text,text,text,text)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.alert_deliveries', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.list_batches(text,integer,boolean,boolean)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.import_products(text,boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (reverses_id)');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._past_by_product', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync.undo(bigint,timestamp with time zone,text,text,bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._start_closing(date)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._restore_differences(bigint,bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._expired_batches(bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.undone(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.list_batches(text,integer,boolean,boolean)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.stock_by_location', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.read_log(text,bigint,text,timestamp with time zone,bigint,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.raise_alerts(timestamp with time zone)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.show_job(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.count_corrections', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.list_archives()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._read_movements()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._record_import(text,text,timestamp with time zone,jsonb)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.metrics()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._start_refresh()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._back_dated', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._undo_corrections(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync.restore(timestamp with time zone,bigint,bigint,bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.list_snapshots()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.locations', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.beginning(text)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._shop_day()', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._suspects()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.findings', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.release_job(bigint,bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.stock_summary', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (product_id)');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.expired(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.deployed_grant', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.undo_dry_run(bigint,timestamp with time zone,text,text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stock(text,numeric)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.explain(text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.alert_channels', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.reap_jobs(interval,interval)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.opening_batches(bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._product_problems()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._as_boolean(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._movement_batches(bigint)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._as_timestamptz(text,text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._record_findings(bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.live_object()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.runs', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync.expire(bigint,bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.settings', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.list_closings()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.enqueue_scheduled(text,timestamp with time zone)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.deployed_file', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._read_counts()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stock_as_of(timestamp with time zone,bigint,bigint,timestamp with time zone)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.record_movement(bigint,text,numeric,text,bigint,timestamp with time zone,numeric,text,text,text,jsonb,bigint,text,date)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.transaction_types', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._roll_up_differences(bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.counts', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync._end_step(bigint,text,jsonb)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stock_history(bigint,timestamp with time zone,timestamp with time zone,interval,bigint)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._roll_up_version', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stock_known_at(timestamp with time zone,bigint,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (expiry_date)');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.movements(text,bigint)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._take_job(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.take_alerts(text,timestamp with time zone)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.batch_consumptions', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._key_problems()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.negative_in_past(bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._correct(bigint,bigint[],timestamp with time zone,boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._keep_balances(text,timestamp with time zone,bigint[],bigint[],numeric[])', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.failed_corrections(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.locations', 'stocksync_app', 'insert');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._pending', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.archived_keys', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.movement_history', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._value_by_batch(timestamp with time zone,bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (user_id)');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.schedules', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.batch_id(bigint,text,bigint)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.location_id(text)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._import_counts(stocksync.counts[],text,timestamp with time zone)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('sequence public.stock_movements_id_seq', 'stocksync_app', 'usage');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.archive_movements(date,text,text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._record_import(text,text,timestamp with time zone,jsonb,int8multirange)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._count_problems(boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.products', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._finish_job(bigint,bigint,bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.reverse_movement(bigint,text)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (id)');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.report_trends(text,text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.reopen_period(date)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (idempotency_key)');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.record_count(bigint,numeric,timestamp with time zone,bigint,text,text,bigint)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._value_by_fifo(timestamp with time zone,bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (notes)');
INSERT INTO stocksync.deployed_grant VALUES ('table public.batch_receipts', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._check_undo(bigint,timestamp with time zone,text,text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.use_shop_time()', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.roll_up()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.report_stock(text,numeric,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stage_archive(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._first_open_day(timestamp with time zone,text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (quantity)');
INSERT INTO stocksync.deployed_grant VALUES ('table public.transaction_types', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.restore_dry_run(timestamp with time zone,bigint,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.report_value(timestamp with time zone,text,timestamp with time zone,text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.quarantine_batch(bigint,text,boolean,text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._book_restore(bigint,bigint,bigint[])', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('sequence public.locations_id_seq', 'stocksync_app', 'usage');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stock(text,numeric)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._doctor_alerts()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync._correct_all(bigint,bigint[],timestamp with time zone,boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (transaction_type)');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.stock_by_location', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table public.products', 'stocksync_app', 'update');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stock_as_of(timestamp with time zone,bigint,bigint,timestamp with time zone)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.products', 'stocksync_app', 'insert');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.import_problems(text,boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync.close_period(date,bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._movement_batches(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (metadata)');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.beginning(text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.use_job_timeout()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._daily_totals(bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.incidents', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._record_found(bigint,bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.report_as_of(text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stage_import(text,text[])', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.product_id(text)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._doctor_objects()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._content_md5(bigint,bigint,text,numeric,numeric,text,text,text,jsonb,bigint,text,date)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._refuse_key(text,bigint)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.available(bigint,bigint,date)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._as_numeric(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_batches', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.track_batches(bigint[],boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.count_corrections', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync.run_job(bigint,text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.import_balances(text,timestamp with time zone)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._expire(bigint,bigint[])', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.movement_trends', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('sequence public.products_id_seq', 'stocksync_app', 'usage');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (occurred_at)');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._value_by_average(timestamp with time zone,bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._past_by_type', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.not_valued(text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._journal', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.findings(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.locations', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.pg_cron_statements(text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._ledger_at(bigint[],timestamp with time zone,timestamp with time zone)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._doctor_server()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.expire_dry_run(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._day_start(date)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.moment(text)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.alerts', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.use_shop_time()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.check_scope(bigint,timestamp with time zone)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._finish_run(bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.slow_and_fast_movers', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table public.products', 'stocksync_app', 'delete');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.undo_counts(bigint,timestamp with time zone,text,text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._record_step(bigint,text,jsonb)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.alert_conditions(timestamp with time zone)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._live_grants()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._given_at(public.stock_movements)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.drift', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._doctor_schedule()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.retry_job(bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._refresh_views()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('schema stocksync', 'stocksync_app', 'usage');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_batches', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (reference)');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._check_archives(timestamp with time zone,timestamp with time zone,date,date,timestamp with time zone,date)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._as_jsonb(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.follow_log(jsonb)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.tick(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync.audit(bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._lock_key(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.import_counts(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.doctor()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.batch_discrepancies(bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.discrepancies(bigint[],timestamp with time zone,boolean)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.snapshots', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.fold()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.import_movements(text,boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (movement_type)');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.schedule_status()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.report_movers(text,text,boolean,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._archived_movement(text)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync.refresh(bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._value_events(timestamp with time zone,bigint[])', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (batch_number)');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.archives', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._reject_schedule(text,text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_on_hand', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('schema stocksync', 'stocksync_auditor', 'usage');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (location_id)');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._refuse_archived(stocksync.archives)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stock_known_at(timestamp with time zone,bigint,bigint)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._has_journal()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (batch_id)');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.stock_daily', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.location_id(text)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._is_archived(bigint)', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.restore_source(timestamp with time zone,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._start_run(text,bigint,timestamp with time zone,boolean)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._unsettled', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('role stocksync_app', 'stocksync_operator', 'member');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._as_ranges(bigint[])', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._doctor_operation()', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._last_run', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.fail_job(bigint,bigint,text,text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.cancel_job(bigint)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync._closed', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.restore_archive(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.lock_products(bigint[])', 'stocksync_app', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_on_hand', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.import_columns(text)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.archivable(date)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.closings', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._tidy()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.stock_total', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.enqueue(text,bigint,timestamp with time zone,boolean,timestamp with time zone)', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.corrections(bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.stock_history(bigint,timestamp with time zone,timestamp with time zone,interval,bigint)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.log', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync._stock_at(bigint[],timestamp with time zone,timestamp with time zone)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table public.locations', 'stocksync_app', 'update');
INSERT INTO stocksync.deployed_grant VALUES ('table public.stock_movements', 'stocksync_app', 'insert (unit_cost)');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.jobs', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('table public.products', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.available(bigint,bigint,date)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('table stocksync.archived_daily', 'stocksync_auditor', 'select');
INSERT INTO stocksync.deployed_grant VALUES ('function stocksync.sync_dry_run(bigint,timestamp with time zone,boolean)', 'stocksync_auditor', 'execute');
INSERT INTO stocksync.deployed_grant VALUES ('procedure stocksync._wait_for_writers()', 'stocksync_operator', 'execute');
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.installation', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.deployed_file', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.products', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.locations', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('type', 'stocksync._line', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.transaction_types', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.stock_daily', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync._journal', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.stock_total', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.log', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.incidents', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.deployed_grant', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.alert_channels', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.alert_deliveries', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.alerts', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.snapshots', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.snapshot_balances', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.closings', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('type', 'stocksync._effect', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync._passes', '182c161d014354433ea009e911c4f91c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync._back_dated', '182c161d014354433ea009e911c4f91c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('type', 'stocksync._portion', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('type', 'stocksync._want', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('type', 'stocksync._batch_change', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('type', 'stocksync._receipt', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync._roll_up_version', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.view_refreshes', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.schedules', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.findings', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.deployed_object', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.jobs', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.runs', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync._closed', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.archives', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.archived_daily', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.archived_keys', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.movement_history', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync._unsettled', '182c161d014354433ea009e911c4f91c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.settings', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync._pending', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('view', 'stocksync._last_run', '4cc7f36c1960b3d67707b66de87235a8', 'views/_last_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('view', 'stocksync._stock', 'a1c8266c3f4edbd5d061697fa951f7ff', 'views/_stock.sql');
INSERT INTO stocksync.deployed_object VALUES ('view', 'stocksync._turnovers', '271f880f51942f02ce4be2c750de1110', 'views/_turnovers.sql');
INSERT INTO stocksync.deployed_object VALUES ('view', 'stocksync.drift', 'e4900d402e22b24960e8b512f595bb09', 'views/drift.sql');
INSERT INTO stocksync.deployed_object VALUES ('view', 'stocksync.stock_by_location', '7f157d53dcdc0a0853d64c4eaae8b58f', 'views/stock_by_location.sql');
INSERT INTO stocksync.deployed_object VALUES ('materialized view', 'stocksync._past_by_product', '853cfada87cbe40162c947a52b985305', 'materialized_views/_past_by_product.sql');
INSERT INTO stocksync.deployed_object VALUES ('materialized view', 'stocksync._past_by_type', 'a1b78c56cf151556570d4318305afd67', 'materialized_views/_past_by_type.sql');
INSERT INTO stocksync.deployed_object VALUES ('materialized view', 'stocksync.movement_trends', '3daad5a3efd3d6b130249390dd2ddc94', 'materialized_views/movement_trends.sql');
INSERT INTO stocksync.deployed_object VALUES ('materialized view', 'stocksync.slow_and_fast_movers', '5f8f7e92f8953938501da4bf287e455b', 'materialized_views/slow_and_fast_movers.sql');
INSERT INTO stocksync.deployed_object VALUES ('materialized view', 'stocksync.stock_summary', '10b38a1a31704eafcf7210d9f3833fc9', 'materialized_views/stock_summary.sql');
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.stock_movements', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('view', 'public.stock_on_hand', '057f268efa042c2d6150e998349a0a2c', 'views/stock_on_hand.sql');
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.stock_batches', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.batch_receipts', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.batch_consumptions', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.counts', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.count_corrections', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.installation.only_row', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.installation.version', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.installation.deployed_at', '1516a5c298d3541ccbcfec92701eb600', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.installation.to_do', 'ba811ccc8630a5a77ecb78431c9f7f35', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_file.path', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_file.sha256', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_file.deployed_at', '1516a5c298d3541ccbcfec92701eb600', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.id', '3cd20671d3a4ea90b1962e5b700defdf', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.sku', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.name', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.quantity_on_hand', '6db4c6356608f5f7870f51e0aa6e0378', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.total_stock', '6db4c6356608f5f7870f51e0aa6e0378', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.status', '7e85bf5a205e6300be2f71575d14a0f4', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.is_deleted', '3723038a0a664504325482fc7ed76b8b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.allow_negative', '123cb67f8912c7806d593dea056cd613', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.reorder_point', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.unit_cost', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.tracks_batches', '3723038a0a664504325482fc7ed76b8b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.products.batch_strategy', '22aa5a25419272e91f4df1912ef4c016', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.locations.id', '1da0563262d2e0919667a29bbaa1f2ea', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.locations.name', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.product_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.day', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.transaction_type', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.quantity', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.movements', '65a2a535b8c9147bda3a8181a2e28f10', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.transaction_types.name', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.transaction_types.movement_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.transaction_types.description', 'd0d6aa56b2a8431ed28558989ed3f343', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.transaction_types.counts_as', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.transaction_types.takes_unfit', 'ed3d40843044d6d596215852e69bde36', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.transaction_types.brings_back', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.day', '4b207b895e219cac340c8eddb8f5c157', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.transaction_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.movements', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._journal.lines', '3511e5c0ef70ffe77778fc3ed518f027', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._journal.is_settled', '3723038a0a664504325482fc7ed76b8b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._journal.first_at', '814612128736749aae8303cc23cae7a8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._journal.booked_ids', '4c82c212745b8c767ea0b2be6cd08e51', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._journal.unbooked_ids', '4c82c212745b8c767ea0b2be6cd08e51', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.movements', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.quantity_in', '6db4c6356608f5f7870f51e0aa6e0378', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.first_on', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.last_on', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.last_count_on', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.logged_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.level', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.message', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.product_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.actor', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.context', 'c101ff01049de4b5b0dd1e08c07d169f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.run_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.found_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.class', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.before', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.after', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_grant.object', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_grant.grantee', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_grant.privilege', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_channels.channel', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_channels.known_since', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_channels.delivery', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_channels.claimed_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_channels.sent_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_channels.failures', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_channels.retry_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_channels.error', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_deliveries.alert_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_deliveries.channel', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_deliveries.delivery', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_deliveries.event', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_deliveries.sent_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alert_deliveries.resolution_sent_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alerts.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alerts.rule', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alerts.subject', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alerts.occurrence', 'd0d6aa56b2a8431ed28558989ed3f343', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alerts.level', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alerts.message', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alerts.context', 'c101ff01049de4b5b0dd1e08c07d169f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alerts.raised_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.alerts.resolved_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshots.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshots.at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshots.known_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshots.taken_by', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshots.note', 'd0d6aa56b2a8431ed28558989ed3f343', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshots.is_complete', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshot_balances.snapshot_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshot_balances.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshot_balances.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.snapshot_balances.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.closings.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.closings.closed_through', '4b207b895e219cac340c8eddb8f5c157', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.closings.closed_before', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.closings.started_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.closings.closed_by', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.closings.closed_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.closings.snapshot_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.closings.reopened_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.closings.reopened_by', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._effect.product_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._effect.at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._effect.quantity', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._passes.xid', '425cc0a0c3127d0e3958f10eebfbb635', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._back_dated.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._back_dated.xid', '425cc0a0c3127d0e3958f10eebfbb635', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._back_dated.effects', '9e298945736b77ca0e750131708d4a1d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._portion.place', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._portion.id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._portion.quantity', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.movement_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.quantity', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.product_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.batch_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.batch_number', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.takes_unfit', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.day', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.occurred_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.transaction_type', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._want.reference', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._batch_change.batch_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._batch_change.received', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._batch_change.remaining', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.movement_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.product_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.batch_number', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.expiry_date', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.cost_price', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.quantity', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.of_movement_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.origin_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.received_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._receipt.occurred_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._roll_up_version.only_row', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._roll_up_version.version', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._roll_up_version.past_version', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.view_refreshes.view_name', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.view_refreshes.refreshed_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.view_refreshes.seconds', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.view_refreshes.input', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.schedules.task', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.schedules.cron', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.schedules.is_enabled', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.schedules.last_due_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.findings.run_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.findings.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.findings.quantity_on_hand', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.findings.total_stock', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.findings.rolled_up', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.findings.ledger', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.findings.movements', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.findings.differs', 'e7ca5266cace0ed633f0b4a11cdd5b50', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_object.kind', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_object.identity', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_object.md5', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_object.path', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.task', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.arguments', 'c101ff01049de4b5b0dd1e08c07d169f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.subject', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.state', 'c16fb6774aaaae5f525e631e8f1d66d2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.attempts', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.failures', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.is_cancelled', '3723038a0a664504325482fc7ed76b8b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.run_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.enqueued_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.enqueued_by', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.started_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.seen_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.finished_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.worker', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.pid', '65a2a535b8c9147bda3a8181a2e28f10', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.run_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.merged_into', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.sqlstate', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.jobs.error', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.command', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.options', 'c101ff01049de4b5b0dd1e08c07d169f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.actor', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.started_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.finished_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.products_corrected', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.products_failed', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.pid', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.seen_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.products_found', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.cost', 'cda438fb4f940fccf90e8c8191634616', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.movement_ids', 'e734303309ca428df20e30741335151a', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._closed.only_row', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._closed.before', '814612128736749aae8303cc23cae7a8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._closed.has_archived', '3723038a0a664504325482fc7ed76b8b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.closing_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.archived_before', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.time_zone', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.file', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.sha256', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.content_sha256', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.movements', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.movement_ids', '914e28c90a833601f5dfdae8635bd684', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.last_recorded_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.archived_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.archived_by', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archives.restored_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_daily.archive_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_daily.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_daily.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_daily.day', '4b207b895e219cac340c8eddb8f5c157', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_daily.transaction_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_daily.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_daily.movements', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_keys.idempotency_key', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_keys.archive_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_keys.movement_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_keys.movement_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_keys.occurred_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_keys.recorded_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_keys.given_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.archived_keys.content_md5', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.replaced_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.replaced_by', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.operation', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.movement_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.movement_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.transaction_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.occurred_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.recorded_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.unit_cost', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.reference', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.idempotency_key', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.reverses_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.user_id', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.notes', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.metadata', '4fce4a65cd5c79d4b05dcad9f9ead42d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.batch_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.batch_number', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.movement_history.expiry_date', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._unsettled.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._unsettled.xid', '425cc0a0c3127d0e3958f10eebfbb635', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._unsettled.lines', '3511e5c0ef70ffe77778fc3ed518f027', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._unsettled.first_at', '814612128736749aae8303cc23cae7a8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._unsettled.booked_ids', '4c82c212745b8c767ea0b2be6cd08e51', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._unsettled.unbooked_ids', '4c82c212745b8c767ea0b2be6cd08e51', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.only_row', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.allow_negative', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.manual_updates', '1a4078f14c4cf9a51283bbc07a1623e7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.time_zone', '7b55533d11f1f96846b32adfee2c0988', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.report_days', 'dadda2656eb8e6a2f23e8c7c10fc8360', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.keep_log', '0829a50b3d590ce7faed3d1cd61942d2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.refresh_late_after', '4daebc46e27b14a53f886901e87345de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.pending_late_after', 'a9e1af93eb720c07de677e8680df5fe6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.job_attempts', '4ae2fd41719e04cc99962fc51eadd1fd', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.job_backoff', '38048f5153bfbc4e1cc903c47088e3e0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.job_timeout', '1c6f59e43d2b4552e5c15666ce9adfb0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.keep_jobs', '2e254b771d1896ce5eb886c0f23d7550', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.alert_rules', 'c8ca1b1a90aa6e3f50347a53a20341bb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.alert_every', '5dd5cc184bf660fcd84d700c22be05e7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.remind_every', 'fadfd58249164a9af6cb3c42e420fe31', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.late_movements', 'e0c692a0254dcf8c756e7aaeac62e087', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.late_movements_before_count', 'e2e64d01b63dadde9f30460e38e5ba51', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.expired_batches', 'ed3d40843044d6d596215852e69bde36', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.expiring_days', '74eb28aa8def97b6d49bd3f126ae93ed', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._pending.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._pending.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._pending.queued_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.id', 'fa70b93b8abe0c08ee61c703ecf3c51c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.movement_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.transaction_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.occurred_at', '1516a5c298d3541ccbcfec92701eb600', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.recorded_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.unit_cost', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.reference', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.idempotency_key', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.reverses_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.user_id', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.notes', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.metadata', '4fce4a65cd5c79d4b05dcad9f9ead42d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.batch_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.batch_number', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_movements.expiry_date', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.id', 'f296f86ccafc49702ae1c0d8cd3555c3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.batch_number', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.quantity_received', '6db4c6356608f5f7870f51e0aa6e0378', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.quantity_remaining', '6db4c6356608f5f7870f51e0aa6e0378', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.is_open', '19c27ab2950c9b2e664c0b61beb4bff1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.cost_price', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.expiry_date', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.received_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.status', '7e85bf5a205e6300be2f71575d14a0f4', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.stock_batches.origin_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_receipts.movement_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_receipts.batch_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_receipts.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_receipts.of_movement_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_receipts.occurred_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_receipts.transaction_type', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_consumptions.movement_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_consumptions.batch_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_consumptions.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_consumptions.of_movement_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_consumptions.occurred_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_consumptions.transaction_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.batch_consumptions.reference', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.counted_at', '8593d866c53eee91844350502a64ef0f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.expected', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.balance', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.recorded_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.recorded_by', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.run_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.user_id', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.notes', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.counts.batch_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.count_corrections.movement_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.count_corrections.count_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'installation_one_row on stocksync.installation', '58a97623cc5449e1600b42589189ed11', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'installation_pkey on stocksync.installation', 'aab395939e50401e591781cb671fc985', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'deployed_file_sha256_is_hexadecimal on stocksync.deployed_file', 'd2f04574e4ff5ee6a4d2076a22aa9083', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'deployed_file_pkey on stocksync.deployed_file', '3c1d74dc14951dc4d75e586318beb4e0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'deployed_object_pkey on stocksync.deployed_object', '154843efb910604a7c8385604f307088', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'products_pkey on public.products', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'products_sku_key on public.products', '4d4c47811caa80edc0273298a019844b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'locations_name_not_empty on public.locations', 'f435820e2216d0107d45080ac7d55360', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'locations_pkey on public.locations', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'locations_name_key on public.locations', 'a6b41a4e1bdc07ecfc819e123e1d80a7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'transaction_types_name_not_empty on public.transaction_types', 'f435820e2216d0107d45080ac7d55360', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_one_row on stocksync.settings', '58a97623cc5449e1600b42589189ed11', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'transaction_types_direction on public.transaction_types', '0affcd0198f826879f4534ed215f5a2c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'transaction_types_pkey on public.transaction_types', 'f3f1e4339db0fd11bd485e9213ac3cfa', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_direction on public.stock_movements', '0affcd0198f826879f4534ed215f5a2c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_quantity_positive on public.stock_movements', 'add69cd787857ea52a27d6f526c99752', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_quantity_bounded on public.stock_movements', '4101c4397e11e80b29c9e2630331fa7c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_quantity_scale on public.stock_movements', '4e4e0b91cff0664a666c048ea9b158b2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_occurred_at_bounded on public.stock_movements', '9aa40f74b7accf5e09ddb3235100ba24', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_unit_cost_finite on public.stock_movements', '3fc9e0e2dfd00901aaf864427b515c64', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_pkey on public.stock_movements', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_product_exists on public.stock_movements', '656615f0ad9384a149388eb60a42a98b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_location_exists on public.stock_movements', '7c1e9b1c7aecd850e39ebea4f422562f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_movements_reversed_exists on public.stock_movements', 'a80ec341c8d49620f6a691953e845ef3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_daily_key on stocksync.stock_daily', 'ab465fde6c02b83ede1e8b757cccabcf', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_total_key on stocksync.stock_total', '64129a73aff0458f0a83ce94b7638911', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'snapshots_pkey on stocksync.snapshots', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_manual_updates_known on stocksync.settings', 'b71f442e539a5dc5867267c9739957e3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_pkey on stocksync.settings', 'aab395939e50401e591781cb671fc985', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'movement_history_pkey on stocksync.movement_history', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'log_level_known on stocksync.log', 'feeac71ed0da9726a85ef020712b0258', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'log_pkey on stocksync.log', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'runs_pkey on stocksync.runs', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'incidents_class_known on stocksync.incidents', 'b18bc18eb75c3c3e9ac00e07ba29aa31', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'incidents_pkey on stocksync.incidents', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'incidents_run_exists on stocksync.incidents', 'dd6b982368a0a1ed85eca1df018b3de2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', '_roll_up_version_one_row on stocksync._roll_up_version', '58a97623cc5449e1600b42589189ed11', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', '_roll_up_version_pkey on stocksync._roll_up_version', 'aab395939e50401e591781cb671fc985', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'view_refreshes_pkey on stocksync.view_refreshes', '7c1fd9a64a48b1661495fed6b3997d2a', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_report_days_positive on stocksync.settings', '040e174f2043aa7c23e62d75866a6988', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'snapshot_balances_key on stocksync.snapshot_balances', 'a5272138ca986fe17f22bb6717451619', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_keep_log_positive on stocksync.settings', 'f99f986ed2fd4fd8638ece141ab88395', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_refresh_late_after_positive on stocksync.settings', '9e1570682b6e8d1e148c229e8a64382a', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_pending_late_after_positive on stocksync.settings', '6f8fd2b220e1f836639893eec7a94ec1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'findings_pkey on stocksync.findings', '0645b0a29c5280e98c4a6640c4cdfe97', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'findings_run_exists on stocksync.findings', 'e126e01930bf2973ab7890a6fca25df8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'jobs_task_known on stocksync.jobs', 'fa31f757f91b89c782bfd8b6ebb853de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'jobs_state_known on stocksync.jobs', '849923f15b2b41cf1654565243d27f96', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'jobs_run_at_finite on stocksync.jobs', 'f99604e9b7f483536a43b323118d8808', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'jobs_arguments_of_sync on stocksync.jobs', '7a46933a889d74308256b6375919e365', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'jobs_pkey on stocksync.jobs', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'jobs_run_exists on stocksync.jobs', '93357aa397135f70202fac74b3760b24', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'jobs_merged_exists on stocksync.jobs', '2bf3937cc77329006eee3e26eb610021', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'schedules_task_known on stocksync.schedules', 'fa31f757f91b89c782bfd8b6ebb853de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'schedules_cron_has_five_fields on stocksync.schedules', '3096b5dec6f12ce7d6c1d2f400eb9f5b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'schedules_last_due_at_finite on stocksync.schedules', 'a078b3dfebca8fc237ea3ee6e6811f30', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'schedules_pkey on stocksync.schedules', 'bb6972a06bba6c9891234810ae81c5bb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_job_attempts_positive on stocksync.settings', 'f0a9feccf8a3186ca137577e2376a4eb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_job_backoff_not_empty on stocksync.settings', '3c3cef22bed60ad95f1a1bdf396f8c38', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_job_timeout_bounded on stocksync.settings', '820196823e4d727379ea2d3722a82266', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_keep_jobs_positive on stocksync.settings', 'af91f33df0dd585dfd2f8186f1192ae0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'alerts_level_known on stocksync.alerts', 'f9b53a8b90caf7e493d661f675ba627a', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'alerts_pkey on stocksync.alerts', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'alert_channels_channel_not_empty on stocksync.alert_channels', 'f7a9e078ba8bccdffe8d46f2e9dc74b0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'alert_channels_pkey on stocksync.alert_channels', 'b65cb2831f6a8ff4978fb2c0329973e7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'alert_deliveries_event_known on stocksync.alert_deliveries', 'f09b4cbbfcb75ef0481a1e9be963551d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'alert_deliveries_pkey on stocksync.alert_deliveries', '567d400901a8249247426f511f4704eb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'alert_deliveries_alert_exists on stocksync.alert_deliveries', '15c7cbe94ac93d5c557ae2a0f69b7c1c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_alert_every_positive on stocksync.settings', 'fb8773d0236261891551c95020992a44', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_remind_every_positive on stocksync.settings', '9c63e3727e997fb1108a946bc2cbb889', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'deployed_grant_pkey on stocksync.deployed_grant', '985dc2e26a3ab87d4b55c17b009a8eac', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'snapshot_balances_snapshot_exists on stocksync.snapshot_balances', '408ee40c8346ee05498121cec43932db', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'closings_closed_has_balances on stocksync.closings', 'ebce7017488c5f620e9e8a59d2f63ab7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'closings_pkey on stocksync.closings', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'closings_snapshot_exists on stocksync.closings', '17fe1f97c8caa3ea6ecd983b18ce6a13', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', '_closed_one_row on stocksync._closed', '58a97623cc5449e1600b42589189ed11', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', '_closed_pkey on stocksync._closed', 'aab395939e50401e591781cb671fc985', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', '_passes_pkey on stocksync._passes', 'a586f2ec9c94cde6807ed3016c1a867e', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_late_movements_known on stocksync.settings', 'fd7ae35e662925d61803e58beb344d6a', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'movement_history_operation_known on stocksync.movement_history', '6bcb620fb4caec94e6680427d8c38608', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'archives_sha256_is_hexadecimal on stocksync.archives', 'd2f04574e4ff5ee6a4d2076a22aa9083', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'archives_pkey on stocksync.archives', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'archives_closing_exists on stocksync.archives', '3b67f395c5b3477c170c0d8b5090a5c2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'archived_daily_key on stocksync.archived_daily', 'b3a9cce2986877f086bc0f105bf0f201', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'archived_daily_archive_exists on stocksync.archived_daily', '2c6e5b5df91da196e8df40d43b6925dc', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'archived_keys_pkey on stocksync.archived_keys', 'b1629bda5158e71f1ed1214d81be5a0b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'archived_keys_archive_exists on stocksync.archived_keys', '2c6e5b5df91da196e8df40d43b6925dc', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'counts_counted_at_bounded on stocksync.counts', '133bfc53fa5b9b83d08fb77b51e1dc74', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'counts_quantity_not_negative on stocksync.counts', 'b9c2189a52eab15660db488742126e06', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'counts_quantity_bounded on stocksync.counts', '4101c4397e11e80b29c9e2630331fa7c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'counts_quantity_scale on stocksync.counts', '4e4e0b91cff0664a666c048ea9b158b2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'counts_pkey on stocksync.counts', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'counts_run_exists on stocksync.counts', '93357aa397135f70202fac74b3760b24', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'count_corrections_pkey on stocksync.count_corrections', '7d07feb5f4ff2fac1a26df59891adf16', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'count_corrections_count_exists on stocksync.count_corrections', 'da1cb014a20e45306b82ef3a5b8ea9f2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_late_movements_before_count_known on stocksync.settings', 'd93c96e618ed82e3c365b4949c0e61ed', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'transaction_types_takes_unfit_known on public.transaction_types', '161e7ac70de5ca2fd9259b9d2153af87', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'transaction_types_brings_back_exists on public.transaction_types', 'a598346662f45661ba91368e5bea8627', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'transaction_types_counts_as_known on public.transaction_types', 'c082b7032f1ea224755667b0f2a1c7d6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_batches_number_not_empty on public.stock_batches', '7bc3a3b750f6778ca0d77f09c4ac56d0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_batches_number_bounded on public.stock_batches', 'c088fa9b85227da255409eaa594bb2ac', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_batches_remaining_not_negative on public.stock_batches', 'f954810e5892b280517068ce6f3ed1a4', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_batches_cost_price_finite on public.stock_batches', 'adf2c4a8aa5a175cd89bf63aa78f959d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_batches_expiry_date_bounded on public.stock_batches', 'b1df21431c5117032be1033c696831e8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_batches_status_known on public.stock_batches', '3652a55bce4b49339f55afe7305d6a82', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'stock_batches_pkey on public.stock_batches', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_expired_batches_known on stocksync.settings', 'f3db8350706e0943253e62a85ddd198c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_expiring_days_bounded on stocksync.settings', '905d12435442a9d17bde4e73ee349f16', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_alert_rules_known on stocksync.settings', '20fb775ae92b8f7d2467dc7c1cb8b3bf', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'alerts_rule_known on stocksync.alerts', '20ea6c05f2ab2c8543cce3f9a9680212', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.installation_pkey', 'b6dd48932e176867e1ea88d9aaf86af2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.deployed_file_pkey', '93fce40339b714d145582649076d0cef', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.deployed_object_pkey', '8c26ec0baeffa7804f28f655d680929a', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.products_pkey', '387e210a3a70cff25b17f65eb4995eca', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.products_sku_key', 'b25971f6734fbfb5568925c201e8b120', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.locations_pkey', '301e504863df847bc0af6f74de4c8073', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.locations_name_key', '301950ac614697f83e4802557901fdf0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.transaction_types_pkey', '584f7f61ba54caedd7e1802febf2bee4', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_movements_pkey', 'e91ef3b2c2280bed253feb4e324dba68', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_movements_product_id_occurred_at_idx', '394f4ac4666ea8550c64e2a7f063abe7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_movements_location_id_idx', 'cd2094f85f9b39cda6721d1a3dc64e10', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_movements_idempotency_key_idx', '7f5b4e3babb64a1ea07d4aa85e74c4df', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_movements_reverses_id_idx', '4adb185e774103bf7910013e66c5451e', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync._unsettled_xid_id_idx', '03d2215077d85035d9cdf971af19298c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.stock_daily_key', '5e92265242ce9fa694e1bc2a0aa58320', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.stock_total_key', '3255e5516152fc787b58396701423f30', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.settings_pkey', '96719a839996e25a42570cdcb1a61f9e', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.movement_history_pkey', 'aad5f9d762f5a420a811e6b38cd92ae0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.movement_history_movement_id_idx', '319c359afab9e0802714352042c56159', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.log_pkey', 'a98c1d454be6613cdea3b96e0d7feb5d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.log_logged_at_idx', '23ef433380820b934ccad0622158d0d0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.log_product_id_idx', '027b7510f7127478f35983f4d5593e8d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.runs_pkey', '9451ec57ca5403bccf18dade3ef28f89', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.incidents_pkey', '0d404402138da6646ad725e7d1d6cfb2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.incidents_run_id_idx', 'ac5772fe2ae555c5d379e52d2623f64a', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.incidents_product_id_idx', '25d87ab908121840a0bb93a53f0216f8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.stock_daily_day_idx', '9df1e51dc5a25b86581a187f84e95572', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.stock_total_location_id_idx', 'ba6cb9e9708060164e9606ba3b8a641e', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync._pending_product_id_idx', '994306292b0d36b97cb08c4e58ed0ae4', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync._roll_up_version_pkey', '763665bc470b1403827082298456e5db', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.view_refreshes_pkey', 'fad4ef3ef8b43466326ea37452a529d1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.runs_command_started_at_idx', '3af4dabd1032e6ab31f674a8affc32c0', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.findings_pkey', '7714db80f246ba3c891f82bfbc5f38d5', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.jobs_pkey', 'be3ba447ae6b9a2d2619120c8940f3f5', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.jobs_queued_subject_idx', 'f58641d460b10cffe538fcd70e7a5e36', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.jobs_running_subject_idx', 'a263cd55d0cc55e033396c6d3f240888', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.jobs_queued_run_at_idx', '3c7c550f7bde24fbec4c510a8d14853c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.jobs_finished_at_idx', '3c6f8738054aa770ab65ef16f74a20b2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.jobs_run_id_idx', 'a748340a2afd462f34841f10248be326', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.jobs_merged_into_idx', '17d7646beb5c6121cd2a59e4aac5506d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.schedules_pkey', '9a4332db96f407387a3c2a9c3560b876', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.alerts_pkey', 'aac6bebb61436dec8df82b0814a7732e', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.alerts_open_idx', 'a63c90d7cf96a2b1462daea0a1fefa54', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.alerts_rule_subject_id_idx', '6c441a768ce38276f6e0267ed79431a4', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.alerts_resolved_at_idx', '8885f7cb1c42f0a0ff0f453b0df9b38b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.alert_channels_pkey', '1a2e9335b61bb6a7f81db993d97effdb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.alert_deliveries_pkey', '3d5781ef278cd82941ac8b30725cab08', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.alert_deliveries_channel_delivery_idx', '1fc9ef11cc644bbfa99384bfcc50e3a7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.jobs_failed_idx', '53d3ae4422786b8e16334187d6d068b9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.deployed_grant_pkey', 'eac7a3705c962231ec63d7c526154e8b', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.snapshots_at_idx', '2f0fcb96d4772db25c61ea19bd4caeab', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_movements_recorded_at_idx', '161668aff9587b792960981ba063ec3e', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.snapshots_pkey', '864ddfcb091abf1c99c011ae19aa3fa8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.snapshot_balances_key', '53b34eee366289c4184819eca579b683', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.closings_pkey', 'c8e30ef65bf078a9395ce4b214796f13', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.closings_snapshot_id_idx', 'f659f7da784f74bd07d9ae08b73dae65', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.closings_closed_before_idx', '7e59867a6fd019f9de056a368fd24552', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync._closed_pkey', 'c713c25466ca589d31f81a506032831d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync._passes_pkey', 'bc6f50c19198ea6a481a40fdcf8878d2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync._back_dated_xid_idx', '1e057168d2b01c5c167bb44f218ed7af', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.movement_history_replaced_at_idx', '25c1b45065398136027fdf1e39b035a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.products_refuse_negative_idx', 'd24e981d72d9e74d492b4a6d2ac486af', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.archives_pkey', '729ab1b49fb3227803064c8e5149234e', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.archives_closing_id_idx', '061858185ca889d274e98072b7a8cf86', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.archived_daily_key', '43df3e3c7b9765c0ee2faaea98ee36ea', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.archived_daily_archive_id_idx', '09aeebe445dd669adeeba89ae36b5484', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.archived_keys_pkey', 'e51844898634d1ca954bf87fec04aa92', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.archived_keys_archive_id_idx', '0c96470657d38682219804ab1c35f84d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_movements_occurred_at_idx', '3e3d851d8bca65cd68079c450a2edf34', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.counts_pkey', '68daad43f73cb43764d87db6e9fd5ff8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.counts_product_id_counted_at_idx', '5e66b4420ad1b9a441d50e9262208b97', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.counts_run_id_idx', 'febad6afc32b3ccf7e5401bd50b51d12', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.count_corrections_pkey', '3b4765e45e7a9e6d888e8fd2ceafdc9f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.count_corrections_count_id_movement_id_idx', '2fcd6dad4fe684156435e6518ae9d2d2', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.transaction_types_brings_back_idx', 'a7e4d4c5b4297905c5ed4e989399b08f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_movements_late_idx', '96ee8577541af5c2b1efb491b1657108', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_movements_future_idx', '09ba6db662b10bbb3748776b2699d85e', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.products_track_batches_idx', 'b92e6062d665c7b704db45f14f6d364d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_batches_pkey', '6b903ed974e7281ae4014ae685fe267c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_batches_alike_idx', '30201e39e3bfbb17c6d69c2d181d6cde', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync._past_by_product_product_id_idx', 'f2321a66431ce75efdd0627173c6fe0b', 'materialized_views/_past_by_product.sql');
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.stock_batches_open_idx', 'd5815e00b762d9f00781b9e3e3ef8acf', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.batch_receipts_movement_id_idx', '42530a9ae7db83c37ce3ffb70436b3f8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.batch_receipts_batch_id_idx', '6044fed8b427f8f82411dcfd68c766ed', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.batch_receipts_of_movement_id_idx', 'de672c40e1cf2dd1c60fc7dd0d6569f7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.batch_consumptions_movement_id_idx', 'b0629ab60a2b64e09123e9bb4a64c91f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.batch_consumptions_batch_id_idx', '7b2dd68a34b3aa6d7c0de049c2d5b717', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.batch_consumptions_of_movement_id_idx', '71a94e0dca80ee9cd287c8fae35064c8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'public.batch_consumptions_reference_idx', '0a4e8b430a1b1d9e9a05e4a5edebb641', NULL);
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync._past_by_type_day_transaction_type_idx', 'd4e17db4b0d9cad1ab4247f1b1380c44', 'materialized_views/_past_by_type.sql');
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.movement_trends_period_starts_on_transaction_type_idx', '5422546d0ebd7005368dc993d372dc2a', 'materialized_views/movement_trends.sql');
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.slow_and_fast_movers_product_id_idx', 'd6f24d32d6473a7df10e820a5eb0224a', 'materialized_views/slow_and_fast_movers.sql');
INSERT INTO stocksync.deployed_object VALUES ('index', 'stocksync.stock_summary_product_id_idx', '9cc79da57e278fd262c03e55122949eb', 'materialized_views/stock_summary.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_900_check on stocksync._back_dated', 'a3c7e793c542895660e5272276fea10a', 'triggers/_back_dated__check.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_settle on stocksync._journal', 'd6b29e2e854f3f1741d7a915f6c83c69', 'triggers/_journal__settle.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_fold on stocksync._pending', '52696e437e644db615af55aa67c4e72e', 'triggers/_pending__fold.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_settle on stocksync._unsettled', '5d50fe501af92fc92f069e6dafdfa727', 'triggers/_unsettled__settle.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard on public.batch_consumptions', '2618caf8e0358db41ee7cdccd92d3ef5', 'triggers/batch_consumptions__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard on public.batch_receipts', '747eac626f6c4020e82bf5c77ed4acdd', 'triggers/batch_receipts__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_correct on stocksync.incidents', '02bb0a0746a5056e1eb1cc2e9d1de063', 'triggers/incidents__correct.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_batches_of_insert on public.products', '233c100e8f39644d4fa53a91799c3cca', 'triggers/products__batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_history_of_delete on public.stock_movements', '9a5877a9e90a921d59bdc59eff5a4138', 'triggers/stock_movements__history.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_truncate on public.stock_movements', '4bef125b2a6c6bced4c3dff70905deb0', 'triggers/stock_movements__truncate.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_batches_of_update on public.products', '84f1197e84f3c9a96e9210874c8ea6af', 'triggers/products__batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_guard_insert on public.products', '98b21ea57e19e9c605fb9583040ff023', 'triggers/products__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_guard_update on public.products', 'c4cde0d879cf6ebab53b86fd2acbfab2', 'triggers/products__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_identity_of_update on public.products', '0d2e4ddadcfb35364839464f0338574b', 'triggers/products__identity.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_identity_of_delete on public.products', '9b68c56f89129675c3320479d3593940', 'triggers/products__identity.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_identity_of_truncate on public.products', 'b7c8080bae9c42b9164b970fd3614bd4', 'triggers/products__identity.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_delete on stocksync.settings', 'f1b94da43963c186a4d9b8980d1ee7c6', 'triggers/settings__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_truncate on stocksync.settings', '302af693475ab9d5daa5bd3323d7c0d9', 'triggers/settings__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_time_zone on stocksync.settings', '16face6f024379ba985e426a408f541a', 'triggers/settings__time_zone.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard on public.stock_batches', '9466ea521643cf39f630517e4a2823f0', 'triggers/stock_batches__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_capture_delete on public.stock_movements', 'a9fa8dae09373b0937e616f93d7ebe40', 'triggers/stock_movements__capture_delete.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_capture_insert on public.stock_movements', '010919b6b2fdbdc2b08cc168de64bb90', 'triggers/stock_movements__capture_insert.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_capture_update on public.stock_movements', '8c3e2aae6a09d4c8854690d5f706d81e', 'triggers/stock_movements__capture_update.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_direction on public.stock_movements', '2f020eafe04d3dfc43fc6cca6b6b9ad7', 'triggers/stock_movements__direction.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_history_of_update on public.stock_movements', 'c91adb96d43eb280ec3aa924f95e75a3', 'triggers/stock_movements__history.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_counts_as on public.transaction_types', '1cf4d302967446bf597a1a46a5115457', 'triggers/transaction_types__counts_as.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_update on public.transaction_types', '954d1e7b4ef5333613ca8629c47debc0', 'triggers/transaction_types__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_delete on public.transaction_types', '9fe6a6a7c92fadd61071dee7c55d5df1', 'triggers/transaction_types__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_truncate on public.transaction_types', '83282fed28de2989fa073b154fb410e9', 'triggers/transaction_types__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._has_pass()', 'df60daf45d78cd57679bbb3085b1fb5b', 'functions/_has_pass.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuses_negative()', 'b2a9aeb33474716dbb15a4b411a4399e', 'functions/_refuses_negative.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._report_from()', '863f86e6c739bcb2e0536bc43ccde366', 'functions/_report_from.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__capture_insert()', '0eb8f3681a064f35ce932322ca736605', 'triggers/stock_movements__capture_insert.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._settle()', '6597adccedcf251b4d2d8e4382c6d54c', 'functions/_settle.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._accept_drift()', '770ce0ae8684cb6a7dde89cced5e4557', 'functions/_accept_drift.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._guard_batches()', '77ae172e9685497908707ad36bbf9cc7', 'functions/_guard_batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._record_objects()', 'fb728575d783fa8b31abc6eb5af3f2d6', 'functions/_record_objects.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._finish_deployment(text,text[])', '6edfe8106d6c5e994f1a9bf84971c3fc', 'functions/_finish_deployment.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._adjust_opening(stocksync._line[])', '7ce69052f16e8e7f0d95aaf434e3653a', 'functions/_adjust_opening.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._allocate(stocksync._line[],bigint[],bigint[])', '1c619b06e729643264206c7bd2d131ae', 'functions/_allocate.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._batch_numbered(bigint,text)', 'f293d7877a1de7fa94c6842c4d3a6949', 'functions/_batch_numbered.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._batches_at_moments(bigint[],timestamp with time zone[])', '98ee02968a8981778a099464e8305a1d', 'functions/_batches_at_moments.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._book_corrections(bigint[],numeric[],text)', 'f033ab98faad6cfed05c50ea52028965', 'functions/_book_corrections.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._bring_back(stocksync._want[])', '5ddb32b397fa345b0c9d579fcde1830b', 'functions/_bring_back.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._cancel_statement(stocksync.jobs)', 'e82c3b814951305c90c415668afe68e3', 'functions/_cancel_statement.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._capture(stocksync._line[],timestamp with time zone,bigint[],bigint[])', '02dae21e4a06961542b4cd0f008b98ee', 'functions/_capture.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._change_batches(stocksync._batch_change[])', '653dfca285843766c07b08a3e9dd9140', 'functions/_change_batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._check_reversal(public.stock_movements)', 'e614b53e8dd087f1da11c422d8dc7017', 'functions/_check_reversal.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._check_staged()', '511b930feed878ef843738b4e2e6d7e8', 'functions/_check_staged.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._check_type(text,text)', '3874480f01091e020a53a84c1d0f52f0', 'functions/_check_type.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._closing_differences()', '3ca5663cb394c027ccf7fa8638c036f3', 'functions/_closing_differences.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._consume(stocksync._want[])', '5f1e6f58f468b22ab47d431419faf60a', 'functions/_consume.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._check_undo(bigint,timestamp with time zone,text,text)', '75a25a4e481e6db016ab5e233b69fbe6', 'functions/_check_undo.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._consume_rest(stocksync._want[])', '201d2fa137febb0622fe669e2f6d85d5', 'functions/_consume_rest.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._count_effect(stocksync.counts)', '6a9542f3df7bce541dfbcd6e055f5005', 'functions/_count_effect.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._curve_days(timestamp with time zone[],text)', '8bff7775a48b6d609e2b5da2af68c7f4', 'functions/_curve_days.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__capture_update()', '1596fd7895eb760a6a6ea2079cbfeaba', 'triggers/stock_movements__capture_update.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._recount_days(bigint[])', '67a3c4ec5845bb6e32d67cb5fd3ddc32', 'functions/_recount_days.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._is_application()', 'f9b478a9123afb10270a8676b7f907e3', 'functions/_is_application.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._record_step(bigint,text,jsonb)', '38e19a073a553d719603fbf73ce50b5b', 'functions/_record_step.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._log_changed_movements(text,bigint[])', '09b900f2522f9cbc1dc4f34878a9cdbd', 'functions/_log_changed_movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._may_pass(text)', '6ee4f6ae9b0f5fb7b734fb92c305fc29', 'functions/_may_pass.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._merge_arguments(jsonb,jsonb)', '84c07f79786eb5493fd52d9cc105227d', 'functions/_merge_arguments.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._outstanding(bigint,text,text)', 'e6ea0ff59ce28ffda9e0446a5f4e941e', 'functions/_outstanding.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._receive(stocksync._receipt[])', '634ec0a16710cc5c34679922db9edee2', 'functions/_receive.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._receive_movements(stocksync._want[])', '756cc97b250de89b84adda1d01e171df', 'functions/_receive_movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._recheck_counts(bigint[],timestamp with time zone)', 'e61c337d0f6befde0f0604047f1c6b1e', 'functions/_recheck_counts.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._record_counts(stocksync.counts[])', '6931fe7dfb7fb45c1cbf4055d8773c04', 'functions/_record_counts.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._share_out(stocksync._portion[],stocksync._portion[])', '300dbfdc9d7fa9dcf442dbf72c993baf', 'functions/_share_out.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuse_archived_id(bigint)', 'e3bfd4596ace35fe228481727c3208ed', 'functions/_refuse_archived_id.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuse_archived_key(stocksync.archived_keys)', '97c3e7555e7c3cdae227950c018df658', 'functions/_refuse_archived_key.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuse_closed(timestamp with time zone)', '61a10c20235c8fb2470385afdc6c303a', 'functions/_refuse_closed.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuse_negative(public.products,numeric)', 'a1f7d94faa0084fd0e95bd74eeb60f05', 'functions/_refuse_negative.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuse_orphans(bigint)', '1ef73e75728b6bf22fa532824f4a1b8d', 'functions/_refuse_orphans.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._requeue_job(stocksync.jobs,timestamp with time zone)', '979aa3fced39db581f6db1bfc948c5da', 'functions/_requeue_job.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._reverse_batches(stocksync._want[])', 'd5b41391d14c0174a080034fae8fd7de', 'functions/_reverse_batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._runs_still(stocksync.jobs)', '5528acae971e25460aa04177f129144c', 'functions/_runs_still.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._staged_sha256()', '130d4a828f842cb6f6ec10ac21d94e96', 'functions/_staged_sha256.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._stock_at_moments(bigint[],bigint[],timestamp with time zone[])', 'a9d5e9f3475a72cc9c02f17958a8d6d9', 'functions/_stock_at_moments.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._take_back(bigint[])', 'b25579fb277fae2402c5f84e9b2dcdb0', 'functions/_take_back.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._value_by_average(timestamp with time zone,bigint[])', 'b8fe268ad5cb1938b8bb1eb9d26c50a4', 'functions/_value_by_average.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._view_input(boolean)', '3be43fce31c4c10dc29607ace59eff8e', 'functions/_view_input.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._write_log(text,text,bigint,jsonb)', '029b3f303fae86a91365254ce004a77b', 'functions/_write_log.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.grant_roles()', 'b5cdfff636e9872ab2d94e7559186008', 'functions/grant_roles.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.list_archives()', '66b692c48ef59cf073c3eaed3fae6ad5', 'functions/list_archives.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__direction()', '6bab25d9b1a438972bee5797e455bf8b', 'triggers/stock_movements__direction.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg__back_dated__check()', '25638ac20aec8679b653f7bb35633596', 'triggers/_back_dated__check.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg__pending__fold()', 'd0d85e98e97cc2996754596132e00fa3', 'triggers/_pending__fold.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_incidents__correct()', 'db0dc5b07f469d3ccb1ef9fef7b2bc03', 'triggers/incidents__correct.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_products__batches()', '47d99276eac7b3732e48b40b961ef430', 'triggers/products__batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_products__guard()', '34cfe3bef1fab51b8e7d0b838b82d70f', 'triggers/products__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_products__identity()', 'e3888a85556e5532a56a836c21c0f0db', 'triggers/products__identity.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_settings__guard()', '1dfdb976d9c222da1db95d30b0ae6513', 'triggers/settings__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_settings__time_zone()', '505a2e3426d0e4b2fc3ba5269e4a0ff9', 'triggers/settings__time_zone.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__capture_delete()', '5d9392e76b977c1a4d733f07f42e0bc0', 'triggers/stock_movements__capture_delete.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.product_id(text)', '8a56f833cbc99ef0ca9e056db705be02', 'functions/product_id.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__history()', 'b5594231bdd5d7cbff2c22584be85c1b', 'triggers/stock_movements__history.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__truncate()', '54c830b5d5a573e6b2cec48a261120b5', 'triggers/stock_movements__truncate.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_transaction_types__counts_as()', '810f4cfce0e5110c4573f1aabf11cc5c', 'triggers/transaction_types__counts_as.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_transaction_types__guard()', 'baff8480fa4424f724b52de1e28dd046', 'triggers/transaction_types__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.lock_products(bigint[])', 'add049c4a872ec5e67e489b6a0177e9e', 'functions/lock_products.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.record_movement(bigint,text,numeric,text,bigint,timestamp with time zone,numeric,text,text,text,jsonb,bigint,text,date)', '8fc448579c8fad2c98708ccbb8c014ef', 'functions/record_movement.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.reverse_movement(bigint,text)', 'f8e855374daa95852d9cb14619d1ff0c', 'functions/reverse_movement.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.check_scope(bigint,timestamp with time zone)', 'f55c119be12d7283bb22f8854daf4135', 'functions/check_scope.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.corrections(bigint)', '5f5665925680541c5b07c1122ba369c6', 'functions/corrections.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.run_cost(bigint)', '93074ae2d4f2e72615607662eddc2212', 'functions/run_cost.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._record_import(text,text,timestamp with time zone,jsonb,int8multirange)', 'c0ced375c3a89d586183e3256adae022', 'functions/_record_import.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.discrepancies(bigint[],timestamp with time zone,boolean)', 'ba540e08d3e3305c773cf3ac8e36c1ff', 'functions/discrepancies.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.doctor()', '0e9f416ee0871ee26a7c05c85e664ef0', 'functions/doctor.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.explain(text)', 'c3ca15491b809da075ac583ea3d78db8', 'functions/explain.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.failed_corrections(bigint)', 'e19c37d091cf9d6f7074ce1e52abe447', 'functions/failed_corrections.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.findings(bigint)', '6f5530b3f7b8db447fa83ee04cb468fa', 'functions/findings.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.live_object()', 'fd6fb99aca3715c8e6d6350c7bd2a2b6', 'functions/live_object.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.movements(text,bigint)', '2b0d66ea17a4cf734ad7137363362f2b', 'functions/movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._record_found(bigint,bigint)', 'd6eef4e7ba76f982ec9e70ffaf4f8916', 'functions/_record_found.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.stock(text,numeric)', '221750c4fdbbe186a07200ca380e6d2d', 'functions/stock.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.sync_dry_run(bigint,timestamp with time zone,boolean)', '002da3888c70db2e69a28ce0af5f0e15', 'functions/sync_dry_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.use_shop_time()', 'b8c19782af3600de9ac64639d4d18aea', 'functions/use_shop_time.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._daily_totals(bigint[])', '98d1fd21916aacc1829b91b60026303d', 'functions/_daily_totals.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._roll_up_differences(bigint[])', '984fb9a41616b4dd44bf343b64f3de78', 'functions/_roll_up_differences.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.fold()', '840040709234b91cd0c464c6ecfd0a99', 'functions/fold.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.roll_up()', '1bb72cc97cdc99bd0feaa4d72cc457f8', 'functions/roll_up.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._continue_run(bigint)', '1142a5b5b7ecc12742d2796c08dd40bc', 'functions/_continue_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._correct(bigint,bigint[],timestamp with time zone,boolean)', '17dc1dca2ce2909ca5dd3c7e97155eb9', 'functions/_correct.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._finish_run(bigint)', 'f6c2c9905e5f3e2d5ae92c0614707996', 'functions/_finish_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._has_journal()', '3b44207ee91c8b3aed8ca26b87b5ec91', 'functions/_has_journal.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._lock_key(text)', 'cee0ff88192cbd9bf932b718cc8b62dc', 'functions/_lock_key.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._record_findings(bigint)', '18d631d25b5c66ba1ddb128a82313d4b', 'functions/_record_findings.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refresh_views()', '020df73e7c2657c547ed079f110c10ea', 'functions/_refresh_views.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._start_refresh()', '2ccc6d1c9f19a5ce0e34874d77004848', 'functions/_start_refresh.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._start_run(text,bigint,timestamp with time zone,boolean)', '9c2ff05f26d4d67a31b5e756f3a92160', 'functions/_start_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._suspects()', '64fc3ad577dba841fd9a9cc094543ee6', 'functions/_suspects.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._tidy()', '8bc1e4024187cf6a20c602c6c3a2db68', 'functions/_tidy.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.audit(bigint)', '9e5188f8f573e2d8491699611ee1eecd', 'procedures/audit.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.refresh(bigint)', 'a3d0f874efa6c932a441b249feadf0c3', 'procedures/refresh.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.sync(bigint,bigint,timestamp with time zone,boolean)', '4cc52d9e2a5730c352091c28ca6100cc', 'procedures/sync.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync._correct_all(bigint,bigint[],timestamp with time zone,boolean)', '0c9833c6ee0d7e976f91d9d4bbb69920', 'procedures/_correct_all.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync._end_step(bigint,text,jsonb)', '6fe23bfd3a23a8711c5462356cd4379d', 'procedures/_end_step.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.beginning(text)', '79ed0209ce9bc63c9361bdbe8f9dcc4e', 'functions/beginning.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._archived_movement(text)', '1982619716c5b4a3e25cc2b7ba35ce47', 'functions/_archived_movement.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._content_md5(bigint,bigint,text,numeric,numeric,text,text,text,jsonb,bigint,text,date)', '47e0a9a11bf64c68d4be8c2f4b758c33', 'functions/_content_md5.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._given_at(public.stock_movements)', '45ba251186e7abc962da6e7c1c6bf086', 'functions/_given_at.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._is_archived(bigint)', 'e054d9f084a2ad32426f9d2236e1ac51', 'functions/_is_archived.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuse_key(text,bigint)', '573f86ed339722613603994e93cc1fa9', 'functions/_refuse_key.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.archivable(date)', '4d25be6f21c373d81ac3e3ac6161c190', 'functions/archivable.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.list_closings()', '75cbc9247d326069b3c4b6314ee289b4', 'functions/list_closings.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.list_snapshots()', '234e8733a8340a858e23eebe0f3920bc', 'functions/list_snapshots.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.location_id(text)', '20bca760fcff62983426df55ae06c685', 'functions/location_id.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.moment(text)', '301bdeecaee3ef76ec315a6c67936829', 'functions/moment.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.negative_in_past(bigint[])', '2469522e60d3838ce829e5a5f054adb5', 'functions/negative_in_past.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.restore_dry_run(timestamp with time zone,bigint,bigint)', 'e6324769b5623a02efa3040369bed58e', 'functions/restore_dry_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.release_job(bigint,bigint)', '96eece5ca5ef70f0b1840c9509759ffb', 'functions/release_job.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.restore_source(timestamp with time zone,bigint)', '337531ad83510d509aabbd4be005875f', 'functions/restore_source.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.stock_as_of(timestamp with time zone,bigint,bigint,timestamp with time zone)', '311dcc4212bfb412d7561e1bdad3765c', 'functions/stock_as_of.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.stock_history(bigint,timestamp with time zone,timestamp with time zone,interval,bigint)', '2828b74f3f6a7ceeef28b5984da81357', 'functions/stock_history.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.stock_known_at(timestamp with time zone,bigint,bigint)', 'cc6952eb271a6d7db41dfe6de61c7028', 'functions/stock_known_at.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._check_archives(timestamp with time zone,timestamp with time zone,date,date,timestamp with time zone,date)', 'cd41aad8541883822a5f455b7ee6fad0', 'functions/_check_archives.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._day_start(date)', '6142950e653412bdab6b534f2d345bd9', 'functions/_day_start.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._first_open_day(timestamp with time zone,text)', '67af63821b9be43a069b5fee1c85a085', 'functions/_first_open_day.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._ledger_at(bigint[],timestamp with time zone,timestamp with time zone)', '90e50fdf3981c1a7b22088ede7b77973', 'functions/_ledger_at.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuse_archived(stocksync.archives)', '2fd16617b0f16f6b2b905551997050df', 'functions/_refuse_archived.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._restore_differences(bigint,bigint[])', 'f76a67a8fc388833a30cc79eae4263e6', 'functions/_restore_differences.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._stock_at(bigint[],timestamp with time zone,timestamp with time zone)', '9c0414879894ce069a41bb281fe83144', 'functions/_stock_at.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.close_period(date,bigint)', 'f18332dc52a15833fceaf7e955c301ef', 'procedures/close_period.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.batch_discrepancies(bigint[])', 'b4e329f7dddf941779465edfbfe9ec17', 'functions/batch_discrepancies.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.restore(timestamp with time zone,bigint,bigint,bigint)', 'ea8445eecaf3810ba45f9b18dcc65b1f', 'procedures/restore.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.take_snapshot(timestamp with time zone,text,bigint)', '44e5620ea9d390e9df7321739511d506', 'procedures/take_snapshot.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync._wait_for_writers()', 'f5c43aabcaa7be3070fc8dbaa2749065', 'procedures/_wait_for_writers.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.archive_movements(date,text,text)', 'b3658b0738cb99aeb05cbc78fcf93606', 'functions/archive_movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.reopen_period(date)', '521217818c79176563c81ab3277c5f2f', 'functions/reopen_period.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.restore_archive(text)', '6455f032f3ac1fdd9bd1a4ea8df2d14a', 'functions/restore_archive.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.stage_archive(text)', 'a8ecf052a15343ace5512629dfa88857', 'functions/stage_archive.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._book_restore(bigint,bigint,bigint[])', '31d5688b2f1045cdd11ef795a6315faf', 'functions/_book_restore.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._finish_closing(bigint)', 'e98c450919b9a2a30c78b492e4eac599', 'functions/_finish_closing.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._start_closing(date)', 'e6864093177559082fadc429260a085c', 'functions/_start_closing.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._store_snapshot(timestamp with time zone,timestamp with time zone,text)', 'd6c20648875e2a3e9e17330037ac921f', 'functions/_store_snapshot.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._writers(boolean)', 'fb7e0dde4881eb21b82e44ff4b5f3569', 'functions/_writers.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._expired_batches(bigint[])', '0fd22491186f05c60db02b95c26c3739', 'functions/_expired_batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.opening_batches(bigint[])', 'e98015cf5a6684aef40fd6e3ead67ea7', 'functions/opening_batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.undo_counts(bigint,timestamp with time zone,text,text)', 'eff20c61e55ff7c1cb49557a7f8e3e22', 'functions/undo_counts.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.undo_dry_run(bigint,timestamp with time zone,text,text)', '7d1c5c0824aa439cdfc4c7c6f8e8b93b', 'functions/undo_dry_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.undone(bigint)', '7fdfd2ddb15c71e05e62062c676ad505', 'functions/undone.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._undo_corrections(bigint)', '0ff213954767b59a8135ed040d934dd3', 'functions/_undo_corrections.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._undo_movements(bigint,timestamp with time zone,text,text)', '4b9189bec137276997d195225cfd00d4', 'functions/_undo_movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.undo(bigint,timestamp with time zone,text,text,bigint)', 'eacda8c7120f9e9f1ad44e3c5249aadf', 'procedures/undo.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.record_count(bigint,numeric,timestamp with time zone,bigint,text,text,bigint)', '5954b81d8c8e6bb2ed020a17770be138', 'functions/record_count.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_balances(text,timestamp with time zone)', '61a07ecb2befe4aaf6e6fb6a5335f1d7', 'functions/import_balances.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.expire(bigint,bigint)', '1e3bc1288ffd109b8ebd2900bc591b6d', 'procedures/expire.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_counts(text)', 'd438ea935144b63501a510c8dff0688a', 'functions/import_counts.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._count_problems(boolean)', '9dbbd0a420e4ace5dc7dfca2d60288c4', 'functions/_count_problems.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._import_counts(stocksync.counts[],text,timestamp with time zone)', '816df80ecd4d3aaf634f1c6b39e8e709', 'functions/_import_counts.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._keep_balances(text,timestamp with time zone,bigint[],bigint[],numeric[])', 'b96bf74ac18d16955bd5bc2710263343', 'functions/_keep_balances.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._read_counts()', 'cbdaacf3f60fdbf18080507283a3037d', 'functions/_read_counts.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.correct_batch(bigint,text,date,numeric,text)', 'e15d9ec9e36369303dafc3da7fe2bcc6', 'functions/correct_batch.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.receive_batch(bigint,numeric,text,date,numeric,text,bigint,timestamp with time zone,text,text,text,text)', '555365f70614e8137d7dd2273e62b10b', 'functions/receive_batch.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.transfer_stock(bigint,numeric,bigint,bigint,bigint,text,timestamp with time zone,text,text,text,text)', '7e6d0def4bac218eeff8288a2ff01d69', 'functions/transfer_stock.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._movement_batches(bigint)', '85e350d8bc5f9f45ae42d1fe640b8b9a', 'functions/_movement_batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.available(bigint,bigint,date)', 'e420b2a57ece337b495f40b685402e6b', 'functions/available.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.batch_id(bigint,text,bigint)', '5ba7a24e9f2e62a25060874afa705d2b', 'functions/batch_id.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.expire_dry_run(bigint)', '329518a6c6abdcd08de6afae27bc8477', 'functions/expire_dry_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.expired(bigint)', 'e8ad943e3c5d06937af199ea9b45ee3c', 'functions/expired.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.list_batches(text,integer,boolean,boolean)', '8a05cba38d7ef1cd679d9822e06d5334', 'functions/list_batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._record_import(text,text,timestamp with time zone,jsonb)', '0762dd5db816fd573cef305e0a90dbd5', 'functions/_record_import.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.quarantine_batch(bigint,text,boolean,text)', '7e7125240c50d591b701e8070fff2a62', 'functions/quarantine_batch.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.track_batches(bigint[],boolean)', '2f5dbad69d55d522bee8b20aeb5fb629', 'functions/track_batches.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._expire(bigint,bigint[])', 'e7a01b9c677f912577ef107e7669f677', 'functions/_expire.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.report_as_of(text)', '8c7243f3ef9ec9a3ac1dec463ab34717', 'functions/report_as_of.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_columns(text)', '08ca37b0cbaf704ce14ea79561e09ccf', 'functions/import_columns.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_movements(text,boolean)', '44f4d8f5da1fe17f8b715ec33e00cd13', 'functions/import_movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.retry_failed_jobs()', '28ce3512bfab509fb7cced75e714acb5', 'functions/retry_failed_jobs.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_problems(text,boolean)', 'a5f33bb772b80f1a8e85c389e570f700', 'functions/import_problems.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_products(text,boolean)', '98e4067ccc140ad065cf6f2f8c5f954b', 'functions/import_products.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.stage_import(text,text[])', '06bde2d01bc60829bc0b42d4e6cd996a', 'functions/stage_import.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._as_boolean(text)', 'a57e5bae22cb84efcd411c282d9a2a5a', 'functions/_as_boolean.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._as_jsonb(text)', 'a583b483eb2745cd071114a05dd209b1', 'functions/_as_jsonb.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._as_numeric(text)', '71d9ee76841aa5c210101df2b7b4263e', 'functions/_as_numeric.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._as_timestamptz(text,text)', '6cd31bd605fd6d65ce878e5ab88fdb65', 'functions/_as_timestamptz.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._key_problems()', 'd0b416cb985ba5989f073f8b71086821', 'functions/_key_problems.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._movement_problems(boolean)', '10ee6019ce1b443b182f74e923dd7cae', 'functions/_movement_problems.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._product_problems()', '42fe25ddfb56877656e1b69972cc5d52', 'functions/_product_problems.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._read_movements()', '0a327b816296880870b29de982839022', 'functions/_read_movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._as_ranges(bigint[])', 'b191fd37697c90073aa1be3c53180aa9', 'functions/_as_ranges.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.report_movers(text,text,boolean,bigint)', '675c74019efcb7064d5bfd2ba3c9ef7e', 'functions/report_movers.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.report_stock(text,numeric,bigint)', 'f495ad94ec33bb44dd6d6a582372c580', 'functions/report_stock.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.report_trends(text,text)', '53ec57a1a25ca599a073cc6c85991124', 'functions/report_trends.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._shop_day()', 'f9e123fe05890941a0955c72a27b0193', 'functions/_shop_day.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.not_valued(text)', '7c583ccac83124953520036914e967e9', 'functions/not_valued.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.report_value(timestamp with time zone,text,timestamp with time zone,text)', '3478f194065f44a27c34d35de41c9435', 'functions/report_value.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._value_by_batch(timestamp with time zone,bigint[])', 'd61175029808163be7dad19159e15df1', 'functions/_value_by_batch.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._value_by_fifo(timestamp with time zone,bigint[])', 'd1d333dcd18a4d2d4d3477587bf66235', 'functions/_value_by_fifo.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._value_events(timestamp with time zone,bigint[])', '1d8044b98c6808a0162c78c23acdf85c', 'functions/_value_events.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.list_jobs(text,bigint)', '3c48e5d29b9d032514f74c3ab5d38874', 'functions/list_jobs.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.list_schedules()', 'f71a0c5522ed2b1ec9237ed2ee36b6fb', 'functions/list_schedules.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.show_job(bigint)', '00a7e831616ff41d1279773562531a83', 'functions/show_job.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.run_job(bigint,text)', 'b52d61f40c6efbbd503f058d4863ca74', 'procedures/run_job.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.cancel_job(bigint)', '5f8bc20f991cf81bd28fadaefd37115e', 'functions/cancel_job.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.enqueue(text,bigint,timestamp with time zone,boolean,timestamp with time zone)', '32a36c2bdc05cea6ca530374d56f0454', 'functions/enqueue.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.enqueue_scheduled(text,timestamp with time zone)', '1e9f89e820fa10492ae69fc7cb59aabc', 'functions/enqueue_scheduled.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.fail_job(bigint,bigint,text,text)', '13159c525db98372e1361768bc8f3e98', 'functions/fail_job.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.reap_jobs(interval,interval)', 'edac56e9becd2aad563e80c6b0d636b6', 'functions/reap_jobs.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.retry_job(bigint)', 'a512d1c5da3c7ceacd0a5ab94863615e', 'functions/retry_job.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tick(text)', 'a69b4915e04435decf9b10e4ca5ae40a', 'functions/tick.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.use_job_timeout()', '7cf4632a9cce34a06703c66af2ca0713', 'functions/use_job_timeout.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._finish_job(bigint,bigint,bigint)', 'b4ccdb31a9778a56cdbdd700927fc236', 'functions/_finish_job.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._reject_schedule(text,text)', 'abf31c5ac77ef44d4c22abf15d21cede', 'functions/_reject_schedule.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._take_job(text)', '10bdac642b1976fb1f54f51154a06f16', 'functions/_take_job.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.follow_log(jsonb)', 'ece8b4476006a915c374744e9fc921b9', 'functions/follow_log.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.pg_cron_statements(text)', 'd6c8adceb505f81ed2ed53b56d415f84', 'functions/pg_cron_statements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.read_log(text,bigint,text,timestamp with time zone,bigint,bigint)', 'edac3c0711412303783964186d531a1e', 'functions/read_log.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.schedule_status()', '2e433b36409129c2cb11f955a161d4d5', 'functions/schedule_status.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.alert_conditions(timestamp with time zone)', '2d56268da551ab04f4277a44ae569930', 'functions/alert_conditions.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.metrics()', '8968f8382be676013a30b54d7799cf34', 'functions/metrics.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.read_alerts(boolean)', '680c193ba0044ace56e04b115a289ac0', 'functions/read_alerts.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._doctor_alerts()', '137a840871c52b46e2b380e4091b3a8d', 'functions/_doctor_alerts.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._doctor_objects()', '51ae26097633eda75d7ceb911f366af1', 'functions/_doctor_objects.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._doctor_operation()', '4b5f65182e75d469b858e8e2cee37b91', 'functions/_doctor_operation.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._doctor_privileges()', 'd7a6f5024979aa58b7039a81cd603746', 'functions/_doctor_privileges.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._doctor_schedule()', '4effac9f3c2e2324b8715be5d8231ba4', 'functions/_doctor_schedule.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._doctor_server()', 'd347bcbaa7d5e7963769025c6b5aec15', 'functions/_doctor_server.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._live_grants()', '727b332d441418c7d57b59eb9e9279b1', 'functions/_live_grants.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.alerts_sent(text,bigint,text,interval,timestamp with time zone)', '0443a662295b97524f1009a8692b3e46', 'functions/alerts_sent.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.raise_alerts(timestamp with time zone)', '9f340300b933ae028c1ebf1a6d18193a', 'functions/raise_alerts.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.take_alerts(text,timestamp with time zone)', 'b7e82e6eec58a0d7b05bae799a2296db', 'functions/take_alerts.sql');
INSERT INTO stocksync.incidents OVERRIDING SYSTEM VALUE VALUES (1, 1, 2, '2026-11-21 17:13:17.586585+00', 'quantity_on_hand', 7, 396.25);
INSERT INTO stocksync.installation VALUES (true, '0.4.0', '2026-11-21 17:13:17.245244+00', '{}');
INSERT INTO stocksync.jobs OVERRIDING SYSTEM VALUE VALUES (1, 'sync', '{"product_id": 1}', 'sync product 1', 'queued', 0, 0, false, '2026-11-21 17:13:17.644863+00', '2026-11-21 17:13:17.645481+00', 'postgres', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-21 17:13:17.562984+00', 'warning', 'time zone changed', NULL, 'postgres', '{"after": "Asia/Tokyo", "before": "UTC"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (2, '2026-11-21 17:13:17.572756+00', 'warning', 'movements updated', NULL, 'postgres', '{"movements": 1, "first_movement_ids": [11]}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (3, '2026-11-21 17:13:17.575098+00', 'warning', 'movements deleted', NULL, 'postgres', '{"movements": 1, "first_movement_ids": [12]}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (4, '2026-11-21 17:13:17.579476+00', 'warning', 'manual update of stock', 2, 'postgres', '{"sku": "B", "new_stock": 7, "new_total": 396.25, "old_stock": 396.25, "old_total": 396.25}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (5, '2026-11-21 17:13:17.580889+00', 'info', 'stock synchronization started', NULL, 'postgres', '{"run": 1, "force": false, "command": "sync"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (6, '2026-11-21 17:13:17.587315+00', 'info', 'product stock updated', 2, 'postgres', '{"run": 1, "sku": "B", "name": "Banana \"ripe\"", "differs": ["quantity_on_hand"], "new_stock": 396.25, "old_stock": 7, "difference": 389.25}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (7, '2026-11-21 17:13:17.58802+00', 'warning', 'stock synchronization completed', NULL, 'postgres', '{"run": 1, "command": "sync", "seconds": 0.007232, "products_found": 1, "products_failed": 0, "products_corrected": 1}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (8, '2026-11-21 17:13:17.589699+00', 'info', 'stock synchronization started', NULL, 'postgres', '{"run": 2, "command": "refresh"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (9, '2026-11-21 17:13:17.632536+00', 'info', 'stock synchronization completed', NULL, 'postgres', '{"run": 2, "command": "refresh", "seconds": 0.042777, "products_found": 0, "products_failed": 0, "products_corrected": 0}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (10, '2026-11-21 17:13:17.633325+00', 'info', 'stock synchronization started', NULL, 'postgres', '{"run": 3, "command": "audit"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (11, '2026-11-21 17:13:17.644433+00', 'info', 'stock synchronization completed', NULL, 'postgres', '{"run": 3, "command": "audit", "seconds": 0.011107, "products_found": 0, "products_failed": 0, "products_corrected": 0}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (12, '2026-11-21 17:13:17.651663+00', 'warning', 'manual update of stock', 1, 'postgres', '{"sku": "A", "new_stock": 261.25, "new_total": 8, "old_stock": 261.25, "old_total": 261.25}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (13, '2026-11-21 17:13:17.653033+00', 'info', 'closing started', NULL, 'postgres', '{"closing": 1, "closed_through": "2026-02-03"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (14, '2026-11-21 17:13:17.655402+00', 'info', 'period closed', NULL, 'postgres', '{"closing": 1, "closed_through": "2026-02-03"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (15, '2026-11-21 17:13:17.66117+00', 'info', 'snapshot taken', NULL, 'postgres', '{"at": "2026-02-20T00:00:00+00:00", "note": "kept", "snapshot": 2}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (16, '2026-11-21 17:13:17.67211+00', 'info', 'count recorded', 1, 'postgres', '{"count": 1, "counted": 12, "on_hand": 12, "expected": 0, "location": "shop", "movement": 67, "counted_at": "2026-02-25T00:00:00+00:00", "difference": 12}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (17, '2026-11-21 17:13:17.678207+00', 'warning', 'late movements before a count', 1, 'postgres', '{"count": 1, "balance": 12, "counted": 12, "setting": "keep_count", "location": "shop", "correction": 2, "counted_at": "2026-02-25T00:00:00+00:00"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (18, '2026-11-21 17:13:17.688395+00', 'warning', 'movements undone', NULL, 'postgres', '{"run": 4, "gone": 0, "type": "loan_out", "since": "2026-01-01T00:00:00+00:00", "movements": 1, "reversals": 0, "corrections": 0, "already_reversed": 0}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (19, '2026-11-21 17:13:17.698444+00', 'warning', 'movements archived', NULL, 'postgres', '{"file": "kept.csv.gz", "sha256": "0000000000000000000000000000000000000000000000000000000000000000", "archive": 1, "movements": 21, "closed_through": "2026-02-03"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (20, '2026-11-21 17:13:17.721418+00', 'warning', 'batch quarantined', 4, 'postgres', '{"reason": "recall", "batches": [2], "remaining": 1, "batch_number": "L2"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (21, '2026-11-21 17:13:17.729479+00', 'info', 'batch tracking switched on', 3, 'postgres', '{"sku": "C"}');
INSERT INTO stocksync.movement_history OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-21 17:13:17.5684+00', 'postgres', 'update', 11, 2, 1, 'in', 'purchase', 10.25, '2026-02-02 02:00:00+00', '2026-11-21 17:13:17.478653+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO stocksync.movement_history OVERRIDING SYSTEM VALUE VALUES (2, '2026-11-21 17:13:17.573865+00', 'postgres', 'delete', 12, 3, 2, 'in', 'purchase', 11.25, '2026-02-02 05:00:00+00', '2026-11-21 17:13:17.478667+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO stocksync.movement_history OVERRIDING SYSTEM VALUE VALUES (3, '2026-11-21 17:13:17.656814+00', 'postgres', 'late', 66, 1, NULL, 'in', 'purchase', 3, '2026-02-01 00:00:00+00', '2026-11-21 17:13:17.656202+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO stocksync.runs OVERRIDING SYSTEM VALUE VALUES (1, 'sync', '{"force": false}', 'postgres', '2026-11-21 17:13:17.580474+00', '2026-11-21 17:13:17.587706+00', 1, 0, 27124, '2026-11-21 17:13:17.587706+00', 1, '[]', '{}');
INSERT INTO stocksync.runs OVERRIDING SYSTEM VALUE VALUES (2, 'refresh', '{}', 'postgres', '2026-11-21 17:13:17.589602+00', '2026-11-21 17:13:17.632379+00', 0, 0, 27124, '2026-11-21 17:13:17.632379+00', 0, '[{"done": {"pending": 0}, "step": "fold", "seconds": 0.000543}, {"done": {"journal": 0}, "step": "roll_up", "seconds": 0.000312}, {"done": {"suspects": 0}, "step": "compare", "seconds": 0.000570}, {"done": {"refreshed": 5}, "step": "views", "seconds": 0.037611}, {"done": {"log": 0, "jobs": 0, "runs": 0, "alerts": 0}, "step": "tidy", "seconds": 0.001424}]', '{}');
INSERT INTO stocksync.runs OVERRIDING SYSTEM VALUE VALUES (3, 'audit', '{}', 'postgres', '2026-11-21 17:13:17.63321+00', '2026-11-21 17:13:17.644317+00', 0, 0, 27124, '2026-11-21 17:13:17.644317+00', 0, '[{"done": {"found": 0, "once_negative": 1}, "step": "compare", "seconds": 0.010692}]', '{}');
INSERT INTO stocksync.runs OVERRIDING SYSTEM VALUE VALUES (4, 'undo', '{"type": "loan_out", "since": "2026-01-01T00:00:00+00:00"}', 'postgres', '2026-11-21 17:13:17.685679+00', '2026-11-21 17:13:17.688207+00', 0, 0, 27124, '2026-11-21 17:13:17.688208+00', 0, '[]', '{[70,71)}');
INSERT INTO stocksync.schedules VALUES ('refresh', '0 * * * *', true, '2026-11-21 17:13:17.019161+00');
INSERT INTO stocksync.schedules VALUES ('audit', '0 2 * * *', true, '2026-11-21 17:13:17.019402+00');
INSERT INTO stocksync.settings VALUES (true, true, 'warn', 'Asia/Tokyo', 90, '90 days', '02:00:00', '00:01:00', 3, '{00:01:00,00:05:00,00:15:00}', '00:05:00', '30 days', '{discrepancies_found,refresh_late,job_failed,negative_stock,below_reorder_point,pending_late,batch_expired,batch_expiring}', '00:15:00', '1 day', 'first_open_day', 'keep_count', 'never', 30);
INSERT INTO stocksync.snapshot_balances VALUES (1, 1, NULL, 61.25);
INSERT INTO stocksync.snapshot_balances VALUES (1, 2, 1, 141.75);
INSERT INTO stocksync.snapshot_balances VALUES (1, 3, 2, 10.5);
INSERT INTO stocksync.snapshot_balances VALUES (1, 3, NULL, 100);
INSERT INTO stocksync.snapshot_balances VALUES (2, 3, NULL, 100);
INSERT INTO stocksync.snapshot_balances VALUES (2, 1, NULL, 275.5);
INSERT INTO stocksync.snapshot_balances VALUES (2, 3, 2, 281.25);
INSERT INTO stocksync.snapshot_balances VALUES (2, 2, 1, 401.25);
INSERT INTO stocksync.snapshots OVERRIDING SYSTEM VALUE VALUES (1, '2026-02-03 14:59:59.999999+00', 'infinity', 'postgres', 'closing through 2026-02-03', true);
INSERT INTO stocksync.snapshots OVERRIDING SYSTEM VALUE VALUES (2, '2026-02-20 00:00:00+00', '2026-11-21 17:13:17.658348+00', 'postgres', 'kept', true);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-04', 'purchase', 78.75, 3);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-08', 'purchase', 113.5, 2);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-07', 'purchase', 150.75, 3);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-04', 'purchase', 25.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-05', 'purchase', 102.75, 3);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-04', 'purchase', 57.5, 2);
INSERT INTO stocksync.stock_daily VALUES (3, NULL, '2026-01-01', 'opening_stock', 100, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-05', 'sale', -36.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-06', 'sale', -40.25, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-07', 'purchase', 105.5, 2);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-01', 'purchase', 9.5, 2);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-04', 'sale', -24.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-01', 'sale', -4.25, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-07', 'sale', -48.25, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-08', 'purchase', 57.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-03', 'sale', -16.25, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-06', 'purchase', 126.75, 3);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-02', 'sale', -12.25, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-08', 'sale', -60.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-05', 'sale', -32.25, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-02', 'purchase', 9.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-06', 'purchase', 41.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-05', 'purchase', 73.5, 2);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-06', 'sale', -44.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-02', 'sale', -8.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-07', 'sale', -52.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-03', 'sale', -20.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-03', 'purchase', 17.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-08', 'sale', -56.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-03', 'purchase', 41.5, 2);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-01', 'purchase', 7.5, 2);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-05', 'purchase', 33.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-07', 'purchase', 49.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-01', 'purchase', 1.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-08', 'purchase', 59.25, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-03', 'purchase', 54.75, 3);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-04', 'sale', -28.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-06', 'purchase', 89.5, 2);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-02', 'purchase', 14.25, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-11-22', 'purchase', -9.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-02', 'purchase', 119.5, 3);
INSERT INTO stocksync.stock_daily VALUES (2, NULL, '2026-11-22', 'loan_out', -5, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-11-22', 'sale', -2, 1);
INSERT INTO stocksync.stock_total VALUES (3, NULL, 100, 1, 100, '2026-01-01', '2026-01-01', NULL);
INSERT INTO stocksync.stock_total VALUES (3, 2, 281.25, 19, 442.5, '2026-02-01', '2026-02-08', NULL);
INSERT INTO stocksync.stock_total VALUES (2, NULL, -5, 1, 0, '2026-11-22', '2026-11-22', NULL);
INSERT INTO stocksync.stock_total VALUES (2, 1, 401.25, 20, 542.5, '2026-02-01', '2026-02-08', NULL);
INSERT INTO stocksync.stock_total VALUES (1, NULL, 261.25, 22, 444.5, '2026-02-01', '2026-11-22', NULL);
INSERT INTO stocksync.view_refreshes VALUES ('_past_by_product', '2026-11-21 17:13:17.601733+00', 0.007786, '801b49f090c34f98cc73c45000dba8a0');
INSERT INTO stocksync.view_refreshes VALUES ('_past_by_type', '2026-11-21 17:13:17.606721+00', 0.004865, '801b49f090c34f98cc73c45000dba8a0');
INSERT INTO stocksync.view_refreshes VALUES ('movement_trends', '2026-11-21 17:13:17.613563+00', 0.006820, '6fd91085f63cc9f0323638613a10e52d');
INSERT INTO stocksync.view_refreshes VALUES ('slow_and_fast_movers', '2026-11-21 17:13:17.622029+00', 0.008447, '6fd91085f63cc9f0323638613a10e52d');
INSERT INTO stocksync.view_refreshes VALUES ('stock_summary', '2026-11-21 17:13:17.628765+00', 0.006709, '6fd91085f63cc9f0323638613a10e52d');
SELECT pg_catalog.setval('public.locations_id_seq', 2, true);
SELECT pg_catalog.setval('public.products_id_seq', 4, true);
SELECT pg_catalog.setval('public.stock_batches_id_seq', 5, true);
SELECT pg_catalog.setval('public.stock_movements_id_seq', 77, true);
SELECT pg_catalog.setval('stocksync._back_dated_id_seq', 3, true);
SELECT pg_catalog.setval('stocksync._unsettled_id_seq', 2, true);
SELECT pg_catalog.setval('stocksync.alerts_id_seq', 1, false);
SELECT pg_catalog.setval('stocksync.archives_id_seq', 1, true);
SELECT pg_catalog.setval('stocksync.closings_id_seq', 1, true);
SELECT pg_catalog.setval('stocksync.counts_id_seq', 1, true);
SELECT pg_catalog.setval('stocksync.incidents_id_seq', 1, true);
SELECT pg_catalog.setval('stocksync.jobs_id_seq', 1, true);
SELECT pg_catalog.setval('stocksync.log_id_seq', 21, true);
SELECT pg_catalog.setval('stocksync.movement_history_id_seq', 3, true);
SELECT pg_catalog.setval('stocksync.runs_id_seq', 4, true);
SELECT pg_catalog.setval('stocksync.snapshots_id_seq', 2, true);
ALTER TABLE ONLY public.locations
    ADD CONSTRAINT locations_name_key UNIQUE (name);
ALTER TABLE ONLY public.locations
    ADD CONSTRAINT locations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_sku_key UNIQUE (sku);
ALTER TABLE ONLY public.stock_batches
    ADD CONSTRAINT stock_batches_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.transaction_types
    ADD CONSTRAINT transaction_types_pkey PRIMARY KEY (name);
ALTER TABLE ONLY stocksync._closed
    ADD CONSTRAINT _closed_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY stocksync._passes
    ADD CONSTRAINT _passes_pkey PRIMARY KEY (xid);
ALTER TABLE ONLY stocksync._roll_up_version
    ADD CONSTRAINT _roll_up_version_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY stocksync._yoyo_log
    ADD CONSTRAINT _yoyo_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync._yoyo_migration
    ADD CONSTRAINT _yoyo_migration_pkey PRIMARY KEY (migration_hash);
ALTER TABLE ONLY stocksync._yoyo_version
    ADD CONSTRAINT _yoyo_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY stocksync.alert_channels
    ADD CONSTRAINT alert_channels_pkey PRIMARY KEY (channel);
ALTER TABLE ONLY stocksync.alert_deliveries
    ADD CONSTRAINT alert_deliveries_pkey PRIMARY KEY (alert_id, channel);
ALTER TABLE ONLY stocksync.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.archived_daily
    ADD CONSTRAINT archived_daily_key UNIQUE NULLS NOT DISTINCT (product_id, day, transaction_type, location_id, archive_id);
ALTER TABLE ONLY stocksync.archived_keys
    ADD CONSTRAINT archived_keys_pkey PRIMARY KEY (idempotency_key);
ALTER TABLE ONLY stocksync.archives
    ADD CONSTRAINT archives_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.closings
    ADD CONSTRAINT closings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.count_corrections
    ADD CONSTRAINT count_corrections_pkey PRIMARY KEY (movement_id);
ALTER TABLE ONLY stocksync.counts
    ADD CONSTRAINT counts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.deployed_file
    ADD CONSTRAINT deployed_file_pkey PRIMARY KEY (path);
ALTER TABLE ONLY stocksync.deployed_grant
    ADD CONSTRAINT deployed_grant_pkey PRIMARY KEY (object, grantee, privilege);
ALTER TABLE ONLY stocksync.deployed_object
    ADD CONSTRAINT deployed_object_pkey PRIMARY KEY (kind, identity);
ALTER TABLE ONLY stocksync.findings
    ADD CONSTRAINT findings_pkey PRIMARY KEY (run_id, product_id);
ALTER TABLE ONLY stocksync.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY stocksync.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (id);
ALTER TABLE stocksync.movement_history
    ADD CONSTRAINT movement_history_operation_known CHECK ((operation = ANY (ARRAY['update'::text, 'delete'::text, 'truncate'::text, 'late'::text]))) NOT VALID;
ALTER TABLE ONLY stocksync.movement_history
    ADD CONSTRAINT movement_history_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (task);
ALTER TABLE ONLY stocksync.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY stocksync.snapshot_balances
    ADD CONSTRAINT snapshot_balances_key UNIQUE NULLS NOT DISTINCT (snapshot_id, product_id, location_id);
ALTER TABLE ONLY stocksync.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.stock_daily
    ADD CONSTRAINT stock_daily_key UNIQUE NULLS NOT DISTINCT (product_id, day, transaction_type, location_id);
ALTER TABLE ONLY stocksync.stock_total
    ADD CONSTRAINT stock_total_key UNIQUE NULLS NOT DISTINCT (product_id, location_id);
ALTER TABLE ONLY stocksync.view_refreshes
    ADD CONSTRAINT view_refreshes_pkey PRIMARY KEY (view_name);
ALTER TABLE ONLY stocksync.yoyo_lock
    ADD CONSTRAINT yoyo_lock_pkey PRIMARY KEY (locked);
CREATE INDEX batch_consumptions_batch_id_idx ON public.batch_consumptions USING btree (batch_id);
CREATE INDEX batch_consumptions_movement_id_idx ON public.batch_consumptions USING btree (movement_id);
CREATE INDEX batch_consumptions_of_movement_id_idx ON public.batch_consumptions USING btree (of_movement_id) WHERE (of_movement_id IS NOT NULL);
CREATE INDEX batch_consumptions_reference_idx ON public.batch_consumptions USING btree ("left"(reference, 200)) WHERE ((reference IS NOT NULL) AND (of_movement_id IS NULL));
CREATE INDEX batch_receipts_batch_id_idx ON public.batch_receipts USING btree (batch_id);
CREATE INDEX batch_receipts_movement_id_idx ON public.batch_receipts USING btree (movement_id);
CREATE INDEX batch_receipts_of_movement_id_idx ON public.batch_receipts USING btree (of_movement_id) WHERE (of_movement_id IS NOT NULL);
CREATE INDEX products_refuse_negative_idx ON public.products USING btree (id) WHERE (NOT allow_negative);
CREATE INDEX products_track_batches_idx ON public.products USING btree (id) WHERE tracks_batches;
CREATE UNIQUE INDEX stock_batches_alike_idx ON public.stock_batches USING btree (product_id, batch_number, location_id, expiry_date, cost_price) NULLS NOT DISTINCT WHERE (status <> 'retired'::text);
CREATE INDEX stock_batches_open_idx ON public.stock_batches USING btree (product_id) WHERE (is_open AND (status <> 'retired'::text));
CREATE INDEX stock_movements_future_idx ON public.stock_movements USING btree (product_id, occurred_at) WHERE (occurred_at > recorded_at);
CREATE UNIQUE INDEX stock_movements_idempotency_key_idx ON public.stock_movements USING btree (idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX stock_movements_late_idx ON public.stock_movements USING btree (product_id, recorded_at) WHERE ((recorded_at - occurred_at) > '1 day'::interval);
CREATE INDEX stock_movements_location_id_idx ON public.stock_movements USING btree (location_id) WHERE (location_id IS NOT NULL);
CREATE INDEX stock_movements_occurred_at_idx ON public.stock_movements USING brin (occurred_at timestamptz_minmax_multi_ops) WITH (autosummarize='on');
CREATE INDEX stock_movements_product_id_occurred_at_idx ON public.stock_movements USING btree (product_id, occurred_at);
CREATE INDEX stock_movements_recorded_at_idx ON public.stock_movements USING brin (recorded_at) WITH (autosummarize='on');
CREATE UNIQUE INDEX stock_movements_reverses_id_idx ON public.stock_movements USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);
CREATE INDEX transaction_types_brings_back_idx ON public.transaction_types USING btree (brings_back) WHERE (brings_back IS NOT NULL);
CREATE INDEX _back_dated_xid_idx ON stocksync._back_dated USING btree (xid);
CREATE UNIQUE INDEX _past_by_product_product_id_idx ON stocksync._past_by_product USING btree (product_id);
CREATE UNIQUE INDEX _past_by_type_day_transaction_type_idx ON stocksync._past_by_type USING btree (day, transaction_type);
CREATE INDEX _pending_product_id_idx ON stocksync._pending USING btree (product_id);
CREATE INDEX _unsettled_xid_id_idx ON stocksync._unsettled USING btree (xid, id);
CREATE INDEX alert_deliveries_channel_delivery_idx ON stocksync.alert_deliveries USING btree (channel, delivery);
CREATE UNIQUE INDEX alerts_open_idx ON stocksync.alerts USING btree (rule, subject) WHERE (resolved_at IS NULL);
CREATE INDEX alerts_resolved_at_idx ON stocksync.alerts USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);
CREATE INDEX alerts_rule_subject_id_idx ON stocksync.alerts USING btree (rule, subject, id);
CREATE INDEX archived_daily_archive_id_idx ON stocksync.archived_daily USING btree (archive_id);
CREATE INDEX archived_keys_archive_id_idx ON stocksync.archived_keys USING btree (archive_id);
CREATE INDEX archives_closing_id_idx ON stocksync.archives USING btree (closing_id);
CREATE UNIQUE INDEX closings_closed_before_idx ON stocksync.closings USING btree (closed_before) WHERE (reopened_at IS NULL);
CREATE INDEX closings_snapshot_id_idx ON stocksync.closings USING btree (snapshot_id);
CREATE INDEX count_corrections_count_id_movement_id_idx ON stocksync.count_corrections USING btree (count_id, movement_id);
CREATE INDEX counts_product_id_counted_at_idx ON stocksync.counts USING btree (product_id, counted_at);
CREATE INDEX counts_run_id_idx ON stocksync.counts USING btree (run_id) WHERE (run_id IS NOT NULL);
CREATE INDEX incidents_product_id_idx ON stocksync.incidents USING btree (product_id);
CREATE INDEX incidents_run_id_idx ON stocksync.incidents USING btree (run_id);
CREATE INDEX jobs_failed_idx ON stocksync.jobs USING btree (id) WHERE (state = 'failed'::text);
CREATE INDEX jobs_finished_at_idx ON stocksync.jobs USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX jobs_merged_into_idx ON stocksync.jobs USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX jobs_queued_run_at_idx ON stocksync.jobs USING btree (run_at, id) WHERE (state = 'queued'::text);
CREATE UNIQUE INDEX jobs_queued_subject_idx ON stocksync.jobs USING btree (subject) WHERE (state = 'queued'::text);
CREATE INDEX jobs_run_id_idx ON stocksync.jobs USING btree (run_id) WHERE (run_id IS NOT NULL);
CREATE UNIQUE INDEX jobs_running_subject_idx ON stocksync.jobs USING btree (subject) WHERE (state = 'running'::text);
CREATE INDEX log_logged_at_idx ON stocksync.log USING btree (logged_at);
CREATE INDEX log_product_id_idx ON stocksync.log USING btree (product_id) WHERE (product_id IS NOT NULL);
CREATE INDEX movement_history_movement_id_idx ON stocksync.movement_history USING btree (movement_id);
CREATE INDEX movement_history_replaced_at_idx ON stocksync.movement_history USING btree (replaced_at);
CREATE UNIQUE INDEX movement_trends_period_starts_on_transaction_type_idx ON stocksync.movement_trends USING btree (period, starts_on, transaction_type);
CREATE INDEX runs_command_started_at_idx ON stocksync.runs USING btree (command, started_at);
CREATE UNIQUE INDEX slow_and_fast_movers_product_id_idx ON stocksync.slow_and_fast_movers USING btree (product_id);
CREATE INDEX snapshots_at_idx ON stocksync.snapshots USING btree (at);
CREATE INDEX stock_daily_day_idx ON stocksync.stock_daily USING btree (day);
CREATE UNIQUE INDEX stock_summary_product_id_idx ON stocksync.stock_summary USING btree (product_id);
CREATE INDEX stock_total_location_id_idx ON stocksync.stock_total USING btree (location_id) WHERE (location_id IS NOT NULL);
CREATE TRIGGER _100_direction BEFORE INSERT ON public.stock_movements FOR EACH ROW WHEN ((new.movement_type IS NULL)) EXECUTE FUNCTION stocksync.tg_stock_movements__direction();
COMMENT ON TRIGGER _100_direction ON public.stock_movements IS 'Fills movement_type where it was left out.';
CREATE TRIGGER _100_guard BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.batch_consumptions FOR EACH STATEMENT WHEN (((pg_trigger_depth() = 0) OR (NOT has_table_privilege(('stocksync._journal'::regclass)::oid, 'insert'::text)))) EXECUTE FUNCTION stocksync._guard_batches();
COMMENT ON TRIGGER _100_guard ON public.batch_consumptions IS 'Refuses changes by hand.';
CREATE TRIGGER _100_guard BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.batch_receipts FOR EACH STATEMENT WHEN (((pg_trigger_depth() = 0) OR (NOT has_table_privilege(('stocksync._journal'::regclass)::oid, 'insert'::text)))) EXECUTE FUNCTION stocksync._guard_batches();
COMMENT ON TRIGGER _100_guard ON public.batch_receipts IS 'Refuses changes by hand.';
CREATE TRIGGER _100_guard BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.stock_batches FOR EACH STATEMENT WHEN (((pg_trigger_depth() = 0) OR (NOT has_table_privilege(('stocksync._journal'::regclass)::oid, 'insert'::text)))) EXECUTE FUNCTION stocksync._guard_batches();
COMMENT ON TRIGGER _100_guard ON public.stock_batches IS 'Refuses changes by hand.';
CREATE TRIGGER _100_guard_delete BEFORE DELETE ON public.transaction_types FOR EACH ROW EXECUTE FUNCTION stocksync.tg_transaction_types__guard();
COMMENT ON TRIGGER _100_guard_delete ON public.transaction_types IS 'Keeps a type that has movements.';
CREATE TRIGGER _100_guard_truncate BEFORE TRUNCATE ON public.transaction_types FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_transaction_types__guard();
COMMENT ON TRIGGER _100_guard_truncate ON public.transaction_types IS 'Keeps the types while there are movements.';
CREATE TRIGGER _100_guard_update BEFORE UPDATE OF name, movement_type ON public.transaction_types FOR EACH ROW WHEN (((old.name <> new.name) OR (old.movement_type <> new.movement_type))) EXECUTE FUNCTION stocksync.tg_transaction_types__guard();
COMMENT ON TRIGGER _100_guard_update ON public.transaction_types IS 'Keeps name and direction of a type that has movements.';
CREATE TRIGGER _100_identity_of_update AFTER UPDATE OF id ON public.products FOR EACH ROW WHEN ((old.id <> new.id)) EXECUTE FUNCTION stocksync.tg_products__identity();
COMMENT ON TRIGGER _100_identity_of_update ON public.products IS 'Keeps the number of a product.';
CREATE TRIGGER _500_batches_of_insert AFTER INSERT ON public.products FOR EACH ROW WHEN ((new.batch_strategy <> ALL (ARRAY['fefo'::text, 'fifo'::text, 'lifo'::text]))) EXECUTE FUNCTION stocksync.tg_products__batches();
COMMENT ON TRIGGER _500_batches_of_insert ON public.products IS 'Refuses an unknown batch strategy.';
CREATE TRIGGER _500_batches_of_update AFTER UPDATE OF tracks_batches, batch_strategy ON public.products FOR EACH ROW WHEN (((old.tracks_batches <> new.tracks_batches) OR (old.batch_strategy <> new.batch_strategy))) EXECUTE FUNCTION stocksync.tg_products__batches();
COMMENT ON TRIGGER _500_batches_of_update ON public.products IS 'Switches batch tracking on and off.';
CREATE TRIGGER _500_capture_delete AFTER DELETE ON public.stock_movements REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_stock_movements__capture_delete();
COMMENT ON TRIGGER _500_capture_delete ON public.stock_movements IS 'Sums what a delete takes away, for settle to apply at commit.';
CREATE TRIGGER _500_capture_insert AFTER INSERT ON public.stock_movements REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_stock_movements__capture_insert();
COMMENT ON TRIGGER _500_capture_insert ON public.stock_movements IS 'Sums what an insert adds, for settle to apply at commit.';
CREATE TRIGGER _500_capture_update AFTER UPDATE ON public.stock_movements REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_stock_movements__capture_update();
COMMENT ON TRIGGER _500_capture_update ON public.stock_movements IS 'Sums what an update changes, for settle to apply at commit.';
CREATE TRIGGER _500_counts_as AFTER UPDATE OF counts_as ON public.transaction_types FOR EACH ROW WHEN (((old.counts_as IS DISTINCT FROM new.counts_as) AND (('count'::text = old.counts_as) OR ('count'::text = new.counts_as)))) EXECUTE FUNCTION stocksync.tg_transaction_types__counts_as();
COMMENT ON TRIGGER _500_counts_as ON public.transaction_types IS 'Finds anew when each product was last counted.';
CREATE TRIGGER _500_guard_insert AFTER INSERT ON public.products FOR EACH ROW WHEN (((pg_trigger_depth() = 0) OR (NOT has_table_privilege(('stocksync._journal'::regclass)::oid, 'insert'::text)))) EXECUTE FUNCTION stocksync.tg_products__guard();
COMMENT ON TRIGGER _500_guard_insert ON public.products IS 'Notices a product that is inserted with stock it has no movements for.';
CREATE TRIGGER _500_guard_update AFTER UPDATE ON public.products FOR EACH ROW WHEN (((pg_trigger_depth() = 0) OR (NOT has_table_privilege(('stocksync._journal'::regclass)::oid, 'insert'::text)))) EXECUTE FUNCTION stocksync.tg_products__guard();
COMMENT ON TRIGGER _500_guard_update ON public.products IS 'Notices a manual change of the stock.';
CREATE TRIGGER _500_history_of_delete AFTER DELETE ON public.stock_movements FOR EACH ROW EXECUTE FUNCTION stocksync.tg_stock_movements__history();
COMMENT ON TRIGGER _500_history_of_delete ON public.stock_movements IS 'Keeps the old version of a deleted movement.';
CREATE TRIGGER _500_history_of_update AFTER UPDATE ON public.stock_movements FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION stocksync.tg_stock_movements__history();
COMMENT ON TRIGGER _500_history_of_update ON public.stock_movements IS 'Keeps the old version of an updated movement.';
CREATE TRIGGER _500_identity_of_delete AFTER DELETE ON public.products REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_products__identity();
COMMENT ON TRIGGER _500_identity_of_delete ON public.products IS 'Settles before another product can take the number of a deleted one.';
CREATE TRIGGER _500_identity_of_truncate AFTER TRUNCATE ON public.products FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_products__identity();
COMMENT ON TRIGGER _500_identity_of_truncate ON public.products IS 'Settles before another product can take the number of a truncated one.';
CREATE TRIGGER _500_truncate BEFORE TRUNCATE ON public.stock_movements FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_stock_movements__truncate();
COMMENT ON TRIGGER _500_truncate ON public.stock_movements IS 'Refuses TRUNCATE unless the transaction says that it means it.';
CREATE TRIGGER _100_guard_delete BEFORE DELETE ON stocksync.settings FOR EACH ROW EXECUTE FUNCTION stocksync.tg_settings__guard();
COMMENT ON TRIGGER _100_guard_delete ON stocksync.settings IS 'Keeps the row of settings.';
CREATE TRIGGER _100_guard_truncate BEFORE TRUNCATE ON stocksync.settings FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_settings__guard();
COMMENT ON TRIGGER _100_guard_truncate ON stocksync.settings IS 'Keeps the row of settings.';
CREATE TRIGGER _500_correct AFTER INSERT ON stocksync.incidents FOR EACH ROW WHEN ((new.class = ANY (ARRAY['quantity_on_hand'::text, 'total_stock'::text]))) EXECUTE FUNCTION stocksync.tg_incidents__correct();
COMMENT ON TRIGGER _500_correct ON stocksync.incidents IS 'Corrects the stock of the product by the difference.';
CREATE TRIGGER _500_fold AFTER DELETE ON stocksync._pending REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg__pending__fold();
COMMENT ON TRIGGER _500_fold ON stocksync._pending IS 'Applies what is taken out.';
CREATE CONSTRAINT TRIGGER _500_settle AFTER INSERT ON stocksync._journal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stocksync._settle();
COMMENT ON TRIGGER _500_settle ON stocksync._journal IS 'Settles the transaction at its end, from the first statement''s own row.';
CREATE CONSTRAINT TRIGGER _500_settle AFTER INSERT ON stocksync._unsettled DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stocksync._settle();
COMMENT ON TRIGGER _500_settle ON stocksync._unsettled IS 'Settles what the trigger on the journal has not taken along: statements after SET CONSTRAINTS ... IMMEDIATE.';
CREATE TRIGGER _500_time_zone AFTER UPDATE OF time_zone ON stocksync.settings FOR EACH ROW WHEN ((old.time_zone <> new.time_zone)) EXECUTE FUNCTION stocksync.tg_settings__time_zone();
COMMENT ON TRIGGER _500_time_zone ON stocksync.settings IS 'Counts all days of the roll-up anew when the time zone changes.';
CREATE CONSTRAINT TRIGGER _900_check AFTER INSERT ON stocksync._back_dated DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stocksync.tg__back_dated__check();
COMMENT ON TRIGGER _900_check ON stocksync._back_dated IS 'Looks at the past of the products, once settled.';
ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_location_exists FOREIGN KEY (location_id) REFERENCES public.locations(id);
ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_product_exists FOREIGN KEY (product_id) REFERENCES public.products(id);
ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_reversed_exists FOREIGN KEY (reverses_id) REFERENCES public.stock_movements(id);
ALTER TABLE ONLY public.transaction_types
    ADD CONSTRAINT transaction_types_brings_back_exists FOREIGN KEY (brings_back) REFERENCES public.transaction_types(name) ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE ONLY stocksync.alert_deliveries
    ADD CONSTRAINT alert_deliveries_alert_exists FOREIGN KEY (alert_id) REFERENCES stocksync.alerts(id) ON DELETE CASCADE;
ALTER TABLE ONLY stocksync.archived_daily
    ADD CONSTRAINT archived_daily_archive_exists FOREIGN KEY (archive_id) REFERENCES stocksync.archives(id);
ALTER TABLE ONLY stocksync.archived_keys
    ADD CONSTRAINT archived_keys_archive_exists FOREIGN KEY (archive_id) REFERENCES stocksync.archives(id);
ALTER TABLE ONLY stocksync.archives
    ADD CONSTRAINT archives_closing_exists FOREIGN KEY (closing_id) REFERENCES stocksync.closings(id);
ALTER TABLE ONLY stocksync.closings
    ADD CONSTRAINT closings_snapshot_exists FOREIGN KEY (snapshot_id) REFERENCES stocksync.snapshots(id);
ALTER TABLE ONLY stocksync.count_corrections
    ADD CONSTRAINT count_corrections_count_exists FOREIGN KEY (count_id) REFERENCES stocksync.counts(id);
ALTER TABLE ONLY stocksync.counts
    ADD CONSTRAINT counts_run_exists FOREIGN KEY (run_id) REFERENCES stocksync.runs(id) ON DELETE SET NULL;
ALTER TABLE ONLY stocksync.findings
    ADD CONSTRAINT findings_run_exists FOREIGN KEY (run_id) REFERENCES stocksync.runs(id) ON DELETE CASCADE;
ALTER TABLE ONLY stocksync.incidents
    ADD CONSTRAINT incidents_run_exists FOREIGN KEY (run_id) REFERENCES stocksync.runs(id);
ALTER TABLE ONLY stocksync.jobs
    ADD CONSTRAINT jobs_merged_exists FOREIGN KEY (merged_into) REFERENCES stocksync.jobs(id) ON DELETE SET NULL;
ALTER TABLE ONLY stocksync.jobs
    ADD CONSTRAINT jobs_run_exists FOREIGN KEY (run_id) REFERENCES stocksync.runs(id) ON DELETE SET NULL;
ALTER TABLE ONLY stocksync.snapshot_balances
    ADD CONSTRAINT snapshot_balances_snapshot_exists FOREIGN KEY (snapshot_id) REFERENCES stocksync.snapshots(id) ON DELETE CASCADE;
GRANT USAGE ON SCHEMA stocksync TO stocksync_app;
GRANT USAGE ON SCHEMA stocksync TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._accept_drift() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._adjust_opening(p_lines stocksync._line[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._allocate(p_lines stocksync._line[], p_booked_ids bigint[], p_unbooked_ids bigint[]) FROM PUBLIC;
GRANT SELECT ON TABLE stocksync.archived_keys TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._archived_movement(p_idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._archived_movement(p_idempotency_key text) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync._as_boolean(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._as_boolean(p_text text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._as_jsonb(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._as_jsonb(p_text text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._as_numeric(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._as_numeric(p_text text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._as_ranges(p_ids bigint[], OUT movements bigint, OUT movement_ids int8multirange) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._as_ranges(p_ids bigint[], OUT movements bigint, OUT movement_ids int8multirange) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._as_timestamptz(p_text text, p_time_zone text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._as_timestamptz(p_text text, p_time_zone text) TO stocksync_operator;
GRANT SELECT ON TABLE public.stock_batches TO stocksync_app;
GRANT SELECT ON TABLE public.stock_batches TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._batch_numbered(p_product_id bigint, p_batch_number text) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._batches_at_moments(p_batch_ids bigint[], p_ats timestamp with time zone[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._book_corrections(p_count_ids bigint[], p_quantities numeric[], p_notes text) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._book_restore(p_run_id bigint, p_snapshot_id bigint, p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._book_restore(p_run_id bigint, p_snapshot_id bigint, p_product_ids bigint[]) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._bring_back(p_wants stocksync._want[]) FROM PUBLIC;
GRANT SELECT ON TABLE stocksync.jobs TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._cancel_statement(p_job stocksync.jobs) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._capture(p_lines stocksync._line[], p_first_at timestamp with time zone, p_booked_ids bigint[], p_unbooked_ids bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._change_batches(p_changes stocksync._batch_change[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._check_archives(p_known_at timestamp with time zone, p_from timestamp with time zone, p_from_day date, p_first_day date, p_before timestamp with time zone, p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._check_archives(p_known_at timestamp with time zone, p_from timestamp with time zone, p_from_day date, p_first_day date, p_before timestamp with time zone, p_day date) TO stocksync_auditor;
GRANT SELECT ON TABLE public.stock_movements TO stocksync_app;
GRANT SELECT ON TABLE public.stock_movements TO stocksync_auditor;
GRANT INSERT(id) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(product_id) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(location_id) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(movement_type) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(transaction_type) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(quantity) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(occurred_at) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(unit_cost) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(reference) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(idempotency_key) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(reverses_id) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(user_id) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(notes) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(metadata) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(batch_id) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(batch_number) ON TABLE public.stock_movements TO stocksync_app;
GRANT INSERT(expiry_date) ON TABLE public.stock_movements TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync._check_reversal(p_reversal public.stock_movements) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._check_staged() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._check_type(p_transaction_type text, p_movement_type text) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._check_undo(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._check_undo(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._closing_differences() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._consume(p_wants stocksync._want[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._consume_rest(p_unmet stocksync._want[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._content_md5(p_product_id bigint, p_location_id bigint, p_transaction_type text, p_quantity numeric, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb, p_batch_id bigint, p_batch_number text, p_expiry_date date) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._content_md5(p_product_id bigint, p_location_id bigint, p_transaction_type text, p_quantity numeric, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb, p_batch_id bigint, p_batch_number text, p_expiry_date date) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync._continue_run(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._continue_run(p_run_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._correct(p_run_id bigint, p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._correct(p_run_id bigint, p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) TO stocksync_operator;
REVOKE ALL ON PROCEDURE stocksync._correct_all(IN p_run_id bigint, IN p_product_ids bigint[], IN p_since timestamp with time zone, IN p_force boolean) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync._correct_all(IN p_run_id bigint, IN p_product_ids bigint[], IN p_since timestamp with time zone, IN p_force boolean) TO stocksync_operator;
GRANT SELECT ON TABLE stocksync.counts TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.counts TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync._count_effect(p_count stocksync.counts) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._count_problems(p_may_be_negative boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._count_problems(p_may_be_negative boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._curve_days(p_points timestamp with time zone[], p_zone text) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._daily_totals(p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._daily_totals(p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._day_start(p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._day_start(p_day date) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._doctor_alerts() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._doctor_alerts() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._doctor_objects() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._doctor_objects() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._doctor_operation() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._doctor_operation() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._doctor_privileges() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._doctor_privileges() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._doctor_schedule() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._doctor_schedule() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._doctor_server() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._doctor_server() TO stocksync_auditor;
REVOKE ALL ON PROCEDURE stocksync._end_step(IN p_run_id bigint, IN p_step text, IN p_done jsonb) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync._end_step(IN p_run_id bigint, IN p_step text, IN p_done jsonb) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._expire(p_run_id bigint, p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._expire(p_run_id bigint, p_product_ids bigint[]) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._expired_batches(p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._expired_batches(p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._finish_closing(p_closing_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._finish_closing(p_closing_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._finish_deployment(p_version text, p_paths text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._finish_job(p_job_id bigint, p_attempt bigint, p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._finish_job(p_job_id bigint, p_attempt bigint, p_run_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._finish_run(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._finish_run(p_run_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._first_open_day(p_at timestamp with time zone, p_zone text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._first_open_day(p_at timestamp with time zone, p_zone text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._given_at(p_movement public.stock_movements) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._given_at(p_movement public.stock_movements) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync._guard_batches() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._has_journal() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._has_journal() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._has_pass() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._import_counts(p_counts stocksync.counts[], p_file text, p_started_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._import_counts(p_counts stocksync.counts[], p_file text, p_started_at timestamp with time zone) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._is_application() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._is_archived(p_movement_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._is_archived(p_movement_id bigint) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync._keep_balances(p_file text, p_from timestamp with time zone, p_product_ids bigint[], p_location_ids bigint[], p_quantities numeric[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._keep_balances(p_file text, p_from timestamp with time zone, p_product_ids bigint[], p_location_ids bigint[], p_quantities numeric[]) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._key_problems() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._key_problems() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._ledger_at(p_product_ids bigint[], p_at timestamp with time zone, p_known_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._ledger_at(p_product_ids bigint[], p_at timestamp with time zone, p_known_at timestamp with time zone) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._live_grants() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._live_grants() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._lock_key(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._lock_key(p_name text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._log_changed_movements(p_message text, p_movement_ids bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._may_pass(p_sqlstate text) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._merge_arguments(p_one jsonb, p_other jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._movement_batches(p_movement_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._movement_batches(p_movement_id bigint) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync._movement_batches(p_movement_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._movement_problems(p_create_products boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._movement_problems(p_create_products boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._outstanding(p_product_id bigint, p_transaction_type text, p_reference text) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._product_problems() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._product_problems() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._read_counts() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._read_counts() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._read_movements() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._read_movements() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._receive(p_receipts stocksync._receipt[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._receive_movements(p_wants stocksync._want[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._recheck_counts(p_product_ids bigint[], p_since timestamp with time zone) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._record_counts(p_counts stocksync.counts[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._record_findings(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._record_findings(p_run_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._record_found(p_run_id bigint, p_products_found bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._record_found(p_run_id bigint, p_products_found bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb, p_movement_ids int8multirange) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb, p_movement_ids int8multirange) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._record_objects() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._record_step(p_run_id bigint, p_step text, p_done jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._record_step(p_run_id bigint, p_step text, p_done jsonb) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._recount_days(p_product_ids bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._refresh_views() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._refresh_views() TO stocksync_operator;
GRANT SELECT ON TABLE stocksync.archives TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._refuse_archived(p_archive stocksync.archives) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._refuse_archived(p_archive stocksync.archives) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._refuse_archived_id(p_movement_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._refuse_archived_key(p_key stocksync.archived_keys) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._refuse_closed(p_at timestamp with time zone) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._refuse_key(p_idempotency_key text, p_movement_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._refuse_key(p_idempotency_key text, p_movement_id bigint) TO stocksync_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.products TO stocksync_app;
GRANT SELECT ON TABLE public.products TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._refuse_negative(p_product public.products, p_delta numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._refuse_orphans(p_product_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._refuses_negative() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._reject_schedule(p_task text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._reject_schedule(p_task text, p_reason text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._report_from() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._requeue_job(p_job stocksync.jobs, p_run_at timestamp with time zone) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._restore_differences(p_snapshot_id bigint, p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._restore_differences(p_snapshot_id bigint, p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._reverse_batches(p_wants stocksync._want[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._roll_up_differences(p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._roll_up_differences(p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._runs_still(p_job stocksync.jobs) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._settle() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._share_out(p_wants stocksync._portion[], p_haves stocksync._portion[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._shop_day() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._shop_day() TO stocksync_app;
GRANT ALL ON FUNCTION stocksync._shop_day() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._staged_sha256() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._start_closing(p_through date) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._start_closing(p_through date) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._start_refresh() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._start_refresh() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._start_run(p_command text, p_product_id bigint, p_since timestamp with time zone, p_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._start_run(p_command text, p_product_id bigint, p_since timestamp with time zone, p_force boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._stock_at(p_product_ids bigint[], p_at timestamp with time zone, p_known_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._stock_at(p_product_ids bigint[], p_at timestamp with time zone, p_known_at timestamp with time zone) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._stock_at_moments(p_product_ids bigint[], p_location_ids bigint[], p_ats timestamp with time zone[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._store_snapshot(p_at timestamp with time zone, p_known_at timestamp with time zone, p_note text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._store_snapshot(p_at timestamp with time zone, p_known_at timestamp with time zone, p_note text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._suspects() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._suspects() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._take_back(p_movement_ids bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._take_job(p_worker text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._take_job(p_worker text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._tidy() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._tidy() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._undo_corrections(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._undo_corrections(p_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._undo_movements(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._undo_movements(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._value_by_average(p_at timestamp with time zone, p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._value_by_average(p_at timestamp with time zone, p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._value_by_batch(p_at timestamp with time zone, p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._value_by_batch(p_at timestamp with time zone, p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._value_by_fifo(p_at timestamp with time zone, p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._value_by_fifo(p_at timestamp with time zone, p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._value_events(p_at timestamp with time zone, p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._value_events(p_at timestamp with time zone, p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._view_input(p_is_past boolean) FROM PUBLIC;
REVOKE ALL ON PROCEDURE stocksync._wait_for_writers() FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync._wait_for_writers() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._write_log(p_level text, p_message text, p_product_id bigint, p_context jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._writers(p_are_prepared boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._writers(p_are_prepared boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.alert_conditions(p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.alert_conditions(p_at timestamp with time zone) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.alerts_sent(p_channel text, p_delivery bigint, p_error text, p_retry_after interval, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.alerts_sent(p_channel text, p_delivery bigint, p_error text, p_retry_after interval, p_at timestamp with time zone) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.archivable(p_through date) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.archivable(p_through date) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.archive_movements(p_through date, p_file text, p_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.archive_movements(p_through date, p_file text, p_sha256 text) TO stocksync_operator;
REVOKE ALL ON PROCEDURE stocksync.audit(INOUT p_run_id bigint) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.audit(INOUT p_run_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.available(p_product_id bigint, p_location_id bigint, p_on date) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.available(p_product_id bigint, p_location_id bigint, p_on date) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.available(p_product_id bigint, p_location_id bigint, p_on date) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.batch_discrepancies(p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.batch_discrepancies(p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.batch_id(p_product_id bigint, p_batch_number text, p_location_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.batch_id(p_product_id bigint, p_batch_number text, p_location_id bigint) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.batch_id(p_product_id bigint, p_batch_number text, p_location_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.beginning(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.beginning(p_text text) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.beginning(p_text text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.cancel_job(p_job_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.cancel_job(p_job_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.check_scope(p_product_id bigint, p_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.check_scope(p_product_id bigint, p_since timestamp with time zone) TO stocksync_auditor;
REVOKE ALL ON PROCEDURE stocksync.close_period(IN p_through date, INOUT p_closing_id bigint) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.close_period(IN p_through date, INOUT p_closing_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.correct_batch(p_batch_id bigint, p_batch_number text, p_expiry_date date, p_cost_price numeric, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.correct_batch(p_batch_id bigint, p_batch_number text, p_expiry_date date, p_cost_price numeric, p_reason text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.corrections(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.corrections(p_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.discrepancies(p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.discrepancies(p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.doctor() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.doctor() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.enqueue(p_task text, p_product_id bigint, p_since timestamp with time zone, p_force boolean, p_run_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.enqueue(p_task text, p_product_id bigint, p_since timestamp with time zone, p_force boolean, p_run_at timestamp with time zone) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.enqueue_scheduled(p_task text, p_due_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.enqueue_scheduled(p_task text, p_due_at timestamp with time zone) TO stocksync_operator;
REVOKE ALL ON PROCEDURE stocksync.expire(INOUT p_run_id bigint, IN p_product_id bigint) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.expire(INOUT p_run_id bigint, IN p_product_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.expire_dry_run(p_product_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.expire_dry_run(p_product_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.expired(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.expired(p_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.explain(p_sku text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.explain(p_sku text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.fail_job(p_job_id bigint, p_attempt bigint, p_sqlstate text, p_error text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.fail_job(p_job_id bigint, p_attempt bigint, p_sqlstate text, p_error text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.failed_corrections(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.failed_corrections(p_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.findings(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.findings(p_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.fold() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.fold() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.follow_log(p_state jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.follow_log(p_state jsonb) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.grant_roles() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.import_balances(p_file text, p_from timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_balances(p_file text, p_from timestamp with time zone) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.import_columns(p_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_columns(p_kind text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.import_counts(p_file text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_counts(p_file text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.import_movements(p_file text, p_create_products boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_movements(p_file text, p_create_products boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.import_problems(p_kind text, p_create_products boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_problems(p_kind text, p_create_products boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.import_products(p_file text, p_update boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_products(p_file text, p_update boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.list_archives() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.list_archives() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.list_batches(p_sku text, p_expiring_days integer, p_expired boolean, p_all boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.list_batches(p_sku text, p_expiring_days integer, p_expired boolean, p_all boolean) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.list_batches(p_sku text, p_expiring_days integer, p_expired boolean, p_all boolean) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.list_closings() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.list_closings() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.list_jobs(p_state text, p_limit bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.list_jobs(p_state text, p_limit bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.list_schedules() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.list_schedules() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.list_snapshots() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.list_snapshots() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.live_object() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.live_object() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.location_id(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.location_id(p_name text) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.location_id(p_name text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.lock_products(p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.lock_products(p_product_ids bigint[]) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync.metrics() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.metrics() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.moment(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.moment(p_text text) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.moment(p_text text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.movements(p_sku text, p_limit bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.movements(p_sku text, p_limit bigint) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.movements(p_sku text, p_limit bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.negative_in_past(p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.negative_in_past(p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.not_valued(p_sku text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.not_valued(p_sku text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.opening_batches(p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.opening_batches(p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.pg_cron_statements(p_action text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.pg_cron_statements(p_action text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.product_id(p_sku text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.product_id(p_sku text) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.product_id(p_sku text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.quarantine_batch(p_product_id bigint, p_batch_number text, p_lift boolean, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.quarantine_batch(p_product_id bigint, p_batch_number text, p_lift boolean, p_reason text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.raise_alerts(p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.raise_alerts(p_at timestamp with time zone) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.read_alerts(p_all boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.read_alerts(p_all boolean) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.read_log(p_level text, p_limit bigint, p_grep text, p_since timestamp with time zone, p_product_id bigint, p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.read_log(p_level text, p_limit bigint, p_grep text, p_since timestamp with time zone, p_product_id bigint, p_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.reap_jobs(p_lost_after interval, p_late_after interval) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.reap_jobs(p_lost_after interval, p_late_after interval) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.receive_batch(p_product_id bigint, p_quantity numeric, p_batch_number text, p_expiry_date date, p_unit_cost numeric, p_transaction_type text, p_location_id bigint, p_occurred_at timestamp with time zone, p_reference text, p_idempotency_key text, p_user_id text, p_notes text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.receive_batch(p_product_id bigint, p_quantity numeric, p_batch_number text, p_expiry_date date, p_unit_cost numeric, p_transaction_type text, p_location_id bigint, p_occurred_at timestamp with time zone, p_reference text, p_idempotency_key text, p_user_id text, p_notes text) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync.record_count(p_product_id bigint, p_quantity numeric, p_at timestamp with time zone, p_location_id bigint, p_user_id text, p_notes text, p_batch_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.record_count(p_product_id bigint, p_quantity numeric, p_at timestamp with time zone, p_location_id bigint, p_user_id text, p_notes text, p_batch_id bigint) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync.record_movement(p_product_id bigint, p_transaction_type text, p_quantity numeric, p_idempotency_key text, p_location_id bigint, p_occurred_at timestamp with time zone, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb, p_batch_id bigint, p_batch_number text, p_expiry_date date) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.record_movement(p_product_id bigint, p_transaction_type text, p_quantity numeric, p_idempotency_key text, p_location_id bigint, p_occurred_at timestamp with time zone, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb, p_batch_id bigint, p_batch_number text, p_expiry_date date) TO stocksync_app;
REVOKE ALL ON PROCEDURE stocksync.refresh(INOUT p_run_id bigint) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.refresh(INOUT p_run_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.release_job(p_job_id bigint, p_attempt bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.release_job(p_job_id bigint, p_attempt bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.reopen_period(p_from date) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.reopen_period(p_from date) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.report_as_of(p_view_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.report_as_of(p_view_name text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.report_movers(p_sku text, p_abc_class text, p_dead boolean, p_limit bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.report_movers(p_sku text, p_abc_class text, p_dead boolean, p_limit bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.report_stock(p_sku text, p_cover_below numeric, p_limit bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.report_stock(p_sku text, p_cover_below numeric, p_limit bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.report_trends(p_period text, p_transaction_type text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.report_trends(p_period text, p_transaction_type text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.report_value(p_at timestamp with time zone, p_method text, p_from timestamp with time zone, p_sku text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.report_value(p_at timestamp with time zone, p_method text, p_from timestamp with time zone, p_sku text) TO stocksync_auditor;
REVOKE ALL ON PROCEDURE stocksync.restore(IN p_from timestamp with time zone, INOUT p_run_id bigint, IN p_product_id bigint, IN p_snapshot_id bigint) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.restore(IN p_from timestamp with time zone, INOUT p_run_id bigint, IN p_product_id bigint, IN p_snapshot_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.restore_archive(p_sha256 text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.restore_archive(p_sha256 text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.restore_dry_run(p_from timestamp with time zone, p_product_id bigint, p_snapshot_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.restore_dry_run(p_from timestamp with time zone, p_product_id bigint, p_snapshot_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.restore_source(p_from timestamp with time zone, p_snapshot_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.restore_source(p_from timestamp with time zone, p_snapshot_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.retry_failed_jobs() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.retry_failed_jobs() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.retry_job(p_job_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.retry_job(p_job_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.reverse_movement(p_movement_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.reverse_movement(p_movement_id bigint, p_reason text) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync.roll_up() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.roll_up() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.run_cost(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.run_cost(p_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON PROCEDURE stocksync.run_job(INOUT p_job_id bigint, IN p_worker text) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.run_job(INOUT p_job_id bigint, IN p_worker text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.schedule_status() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.schedule_status() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.show_job(p_job_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.show_job(p_job_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.stage_archive(p_header text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.stage_archive(p_header text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.stage_import(p_kind text, p_columns text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.stage_import(p_kind text, p_columns text[]) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.stock(p_sku text, p_below numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.stock(p_sku text, p_below numeric) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.stock(p_sku text, p_below numeric) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.stock_as_of(p_at timestamp with time zone, p_product_id bigint, p_location_id bigint, p_known_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.stock_as_of(p_at timestamp with time zone, p_product_id bigint, p_location_id bigint, p_known_at timestamp with time zone) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.stock_as_of(p_at timestamp with time zone, p_product_id bigint, p_location_id bigint, p_known_at timestamp with time zone) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.stock_history(p_product_id bigint, p_from timestamp with time zone, p_to timestamp with time zone, p_step interval, p_location_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.stock_history(p_product_id bigint, p_from timestamp with time zone, p_to timestamp with time zone, p_step interval, p_location_id bigint) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.stock_history(p_product_id bigint, p_from timestamp with time zone, p_to timestamp with time zone, p_step interval, p_location_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.stock_known_at(p_known_at timestamp with time zone, p_product_id bigint, p_location_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.stock_known_at(p_known_at timestamp with time zone, p_product_id bigint, p_location_id bigint) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.stock_known_at(p_known_at timestamp with time zone, p_product_id bigint, p_location_id bigint) TO stocksync_auditor;
REVOKE ALL ON PROCEDURE stocksync.sync(INOUT p_run_id bigint, IN p_product_id bigint, IN p_since timestamp with time zone, IN p_force boolean) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.sync(INOUT p_run_id bigint, IN p_product_id bigint, IN p_since timestamp with time zone, IN p_force boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.sync_dry_run(p_product_id bigint, p_since timestamp with time zone, p_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.sync_dry_run(p_product_id bigint, p_since timestamp with time zone, p_force boolean) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.take_alerts(p_channel text, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.take_alerts(p_channel text, p_at timestamp with time zone) TO stocksync_operator;
REVOKE ALL ON PROCEDURE stocksync.take_snapshot(IN p_at timestamp with time zone, IN p_note text, INOUT p_snapshot_id bigint) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.take_snapshot(IN p_at timestamp with time zone, IN p_note text, INOUT p_snapshot_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.tg__back_dated__check() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg__pending__fold() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_incidents__correct() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_products__batches() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_products__guard() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_products__identity() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_settings__guard() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_settings__time_zone() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_stock_movements__capture_delete() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_stock_movements__capture_insert() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_stock_movements__capture_update() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_stock_movements__direction() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_stock_movements__history() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_stock_movements__truncate() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_transaction_types__counts_as() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tg_transaction_types__guard() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.tick(p_worker text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.tick(p_worker text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.track_batches(p_product_ids bigint[], p_on boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.track_batches(p_product_ids bigint[], p_on boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.transfer_stock(p_product_id bigint, p_quantity numeric, p_from_location_id bigint, p_to_location_id bigint, p_batch_id bigint, p_batch_number text, p_occurred_at timestamp with time zone, p_reference text, p_idempotency_key text, p_user_id text, p_notes text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.transfer_stock(p_product_id bigint, p_quantity numeric, p_from_location_id bigint, p_to_location_id bigint, p_batch_id bigint, p_batch_number text, p_occurred_at timestamp with time zone, p_reference text, p_idempotency_key text, p_user_id text, p_notes text) TO stocksync_app;
REVOKE ALL ON PROCEDURE stocksync.undo(IN p_run_id bigint, IN p_since timestamp with time zone, IN p_type text, IN p_reference text, INOUT p_undo_run_id bigint) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.undo(IN p_run_id bigint, IN p_since timestamp with time zone, IN p_type text, IN p_reference text, INOUT p_undo_run_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.undo_counts(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.undo_counts(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.undo_dry_run(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.undo_dry_run(p_run_id bigint, p_since timestamp with time zone, p_type text, p_reference text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.undone(p_undo_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.undone(p_undo_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.use_job_timeout() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.use_job_timeout() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.use_shop_time() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.use_shop_time() TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.use_shop_time() TO stocksync_auditor;
GRANT SELECT ON TABLE public.batch_consumptions TO stocksync_app;
GRANT SELECT ON TABLE public.batch_consumptions TO stocksync_auditor;
GRANT SELECT ON TABLE public.batch_receipts TO stocksync_app;
GRANT SELECT ON TABLE public.batch_receipts TO stocksync_auditor;
GRANT SELECT,INSERT,UPDATE ON TABLE public.locations TO stocksync_app;
GRANT SELECT ON TABLE public.locations TO stocksync_auditor;
GRANT USAGE ON SEQUENCE public.locations_id_seq TO stocksync_app;
GRANT USAGE ON SEQUENCE public.products_id_seq TO stocksync_app;
GRANT USAGE ON SEQUENCE public.stock_movements_id_seq TO stocksync_app;
GRANT SELECT ON TABLE stocksync._pending TO stocksync_auditor;
GRANT SELECT ON TABLE public.stock_on_hand TO stocksync_app;
GRANT SELECT ON TABLE public.stock_on_hand TO stocksync_auditor;
GRANT SELECT ON TABLE public.transaction_types TO stocksync_app;
GRANT SELECT ON TABLE public.transaction_types TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._back_dated TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._closed TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._journal TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.runs TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._last_run TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._passes TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.stock_daily TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._past_by_product TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._past_by_type TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._roll_up_version TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._stock TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.archived_daily TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.settings TO stocksync_app;
GRANT SELECT ON TABLE stocksync.settings TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._turnovers TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._unsettled TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._yoyo_log TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._yoyo_migration TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._yoyo_version TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.alert_channels TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.alert_deliveries TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.alerts TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.closings TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.count_corrections TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.count_corrections TO stocksync_app;
GRANT SELECT ON TABLE stocksync.deployed_file TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.deployed_grant TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.deployed_object TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.drift TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.findings TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.incidents TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.installation TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.log TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.movement_history TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.movement_trends TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.schedules TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.stock_total TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.slow_and_fast_movers TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.snapshot_balances TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.snapshots TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.stock_by_location TO stocksync_app;
GRANT SELECT ON TABLE stocksync.stock_by_location TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.stock_summary TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.view_refreshes TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.yoyo_lock TO stocksync_auditor;
REFRESH MATERIALIZED VIEW stocksync._past_by_product;
REFRESH MATERIALIZED VIEW stocksync._past_by_type;
REFRESH MATERIALIZED VIEW stocksync.movement_trends;
REFRESH MATERIALIZED VIEW stocksync.slow_and_fast_movers;
REFRESH MATERIALIZED VIEW stocksync.stock_summary;
