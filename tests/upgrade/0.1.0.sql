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
CREATE TYPE stocksync._line AS (
	product_id bigint,
	location_id bigint,
	day date,
	transaction_type text,
	quantity numeric,
	movements integer
);
COMMENT ON TYPE stocksync._line IS 'What a statement or a transaction changed of one product, at one location, on one day, by one type: signed quantity (in is positive) and number of movements (negative where they were taken back).';
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
CREATE FUNCTION stocksync._as_timestamptz(p_text text, p_time_zone text) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    RETURN CASE WHEN ((p_text !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?( ?(Z|[-+](0[0-9]|1[0-4])(:?[0-5][0-9])?))?)?$'::text) OR (p_text < '0001'::text)) THEN NULL::timestamp with time zone WHEN ((substr(p_text, 9, 2) > '28'::text) AND (((substr(p_text, 9, 2))::integer)::double precision > date_part('day'::text, ((((substr(p_text, 1, 7) || '-01'::text))::date + '1 mon'::interval) - '1 day'::interval)))) THEN NULL::timestamp with time zone WHEN (substr(p_text, 17) ~ '[-+Z]'::text) THEN (p_text)::timestamp with time zone ELSE ((p_text)::timestamp without time zone AT TIME ZONE p_time_zone) END;
COMMENT ON FUNCTION stocksync._as_timestamptz(p_text text, p_time_zone text) IS 'The time that the text is in ISO 8601, like "2010-12-01", "2010-12-01 08:26" or "2010-12-01T08:26:00Z"; without an offset, in this time zone. Null for any other text and for null.';
CREATE FUNCTION stocksync._capture(p_lines stocksync._line[]) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_captured text;
begin
    if p_lines is null then
        return false;
    end if;
    v_captured := coalesce(current_setting('stocksync.captured', true), '');
    -- An assignment, because PERFORM would be a query of its own.
    v_captured := set_config(
        'stocksync.captured', case v_captured when '' then 'one' else 'more' end, true
    );
    if v_captured = 'one' then
        insert into stocksync._journal (lines) values (p_lines);
    else
        insert into stocksync._unsettled (lines) values (p_lines);
    end if;
    return true;
end;
$$;
COMMENT ON FUNCTION stocksync._capture(p_lines stocksync._line[]) IS 'Takes what one statement changed, for settle to apply at commit, and returns whether it changed anything; null is nothing.';
SET default_tablespace = '';
SET default_table_access_method = heap;
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
CREATE FUNCTION stocksync._correct(p_run_id bigint, p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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
                insert into stocksync.stock_total (product_id, location_id, quantity, movements)
                select d.product_id, d.location_id, trim_scale(sum(d.quantity)), sum(d.movements)
                from stocksync.stock_daily as d
                where d.product_id = r.product_id
                group by d.product_id, d.location_id;
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
        products_failed = u.products_failed + v_failed
    where u.id = p_run_id;
end;
$$;
COMMENT ON FUNCTION stocksync._correct(p_run_id bigint, p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) IS 'Corrects these products for a run. The caller holds the advisory lock "roll_up" and runs at READ COMMITTED.';
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
    insert into stocksync.installation (version, to_do) values (p_version, v_to_do)
    on conflict (only_row) do update
    set version = excluded.version,
        deployed_at = excluded.deployed_at,
        to_do = excluded.to_do;
end;
$$;
COMMENT ON FUNCTION stocksync._finish_deployment(p_version text, p_paths text[]) IS 'Grants, stores fingerprints and records the version. Warns if roles are missing. p_paths are all files of this version; others are forgotten.';
CREATE FUNCTION stocksync._finish_run(p_run_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_run stocksync.runs;
begin
    update stocksync.runs as u
    set finished_at = clock_timestamp()
    where u.id = p_run_id
    returning * into v_run;
    perform stocksync._write_log(
        case
            when v_run.products_failed > 0 then 'error'
            when v_run.products_corrected > 0 then 'warning'
            else 'info'
        end,
        'stock synchronization completed',
        p_context => jsonb_build_object(
            'run', p_run_id,
            'products_corrected', v_run.products_corrected,
            'products_failed', v_run.products_failed,
            'seconds', round(extract(epoch from v_run.finished_at - v_run.started_at), 6)
        )
    );
end;
$$;
COMMENT ON FUNCTION stocksync._finish_run(p_run_id bigint) IS 'Records the end of a run and logs it.';
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
CREATE FUNCTION stocksync._key_problems() RETURNS TABLE(line bigint, column_name text, value text, problem text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select s.line, 'idempotency_key', s.idempotency_key,
        format('belongs to movement %s, which has another content', m.id)
    from pg_temp.stocksync_import_movements as s
    join public.stock_movements as m on m.idempotency_key = s.idempotency_key
    where (s.product_id, s.location_id, s.direction, s.transaction_type, s.quantity, s.unit_cost,
           s.reference, s.user_id, s.notes, s.metadata)
        is distinct from
        (m.product_id, m.location_id, m.movement_type, m.transaction_type, m.quantity, m.unit_cost,
         m.reference, m.user_id, m.notes, m.metadata)
        -- who sends it again need not know when it was booked first
        or s.occurred_at <> m.occurred_at
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
           s.user_id, s.notes, s.metadata, s.occurred_at,
           -- a product that this import creates
           case when s.product_id is null then s.sku end)
        is distinct from
        (f.product_id, f.location_id, f.transaction_type, f.quantity, f.unit_cost, f.reference,
         f.user_id, f.notes, f.metadata, f.occurred_at,
         case when f.product_id is null then f.sku end);
$$;
COMMENT ON FUNCTION stocksync._key_problems() IS 'One row for each line of stocksync_import_movements whose idempotency key belongs to another movement. Compares as stocksync.record_movement() does.';
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
        select m.line, 'occurred_at', m.occurred_at_text, 'is not a time like 2010-12-01 08:26:00+00'
        from pg_temp.stocksync_import_movements as m
        where m.occurred_at_text is not null and m.occurred_at is null
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
    ) as p (line, column_name, value, problem)
    where p.problem is not null;
$$;
COMMENT ON FUNCTION stocksync._movement_problems(p_create_products boolean) IS 'One row for each value in stocksync_import_movements that cannot become a movement, and for each line that could not be read.';
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
            array['is_deleted', 'allow_negative'], array[s.is_deleted, s.allow_negative]
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
    ) as p (line, column_name, value, problem)
    where p.problem is not null;
$$;
COMMENT ON FUNCTION stocksync._product_problems() IS 'One row for each value in stocksync_import that cannot become a product, and for each line that could not be read.';
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
        stocksync._as_jsonb(s.metadata) as metadata
    from pg_temp.stocksync_import as s
    cross join stocksync.settings as c
    left join public.transaction_types as t on t.name = s.transaction_type
    left join public.products as p on p.sku = s.sku
    left join public.locations as l on l.name = s.location;
end;
$_$;
COMMENT ON FUNCTION stocksync._read_movements() IS 'Makes the temporary table stocksync_import_movements: what stocksync_import says and what that is.';
CREATE FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_run_id bigint;
begin
    insert into stocksync.runs (command, options, started_at, finished_at)
    values (
        format('import %s', p_kind),
        jsonb_strip_nulls(jsonb_build_object('file', p_file)),
        p_started_at,
        clock_timestamp()
    )
    returning id into v_run_id;
    perform stocksync._write_log(
        'info', format('%s imported', p_kind),
        p_context => jsonb_strip_nulls(jsonb_build_object('run', v_run_id, 'file', p_file))
            || p_counts
    );
end;
$$;
COMMENT ON FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb) IS 'Writes the record of an import that has done its work, and logs it.';
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
    unit_cost numeric
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
CREATE FUNCTION stocksync._roll_up_differences(p_product_ids bigint[]) RETURNS SETOF stocksync._line
    LANGUAGE sql STABLE
    AS $$
    select d.product_id, d.location_id, d.day, d.transaction_type,
        sum(d.quantity), sum(d.movements)::integer
    from (
        select m.product_id, m.location_id, (m.occurred_at at time zone s.time_zone)::date as day,
            m.transaction_type,
            case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity,
            1::bigint as movements
        from public.stock_movements as m
        cross join stocksync.settings as s
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
CREATE FUNCTION stocksync._settle() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_lines stocksync._line[] := '{}';
    v_more stocksync._line[];
    v_delta numeric;
    v_from bigint := 0;
    v_product public.products;
    r record;
begin
    -- 1. What this transaction has captured and not yet settled.
    if tg_table_name = '_journal' then
        if new.is_settled then
            return null;
        end if;
        v_lines := new.lines;
        if current_setting('stocksync.captured', true) = 'one' and cardinality(v_lines) = 1 then
            v_delta := v_lines[1].quantity;
            update public.products as p
            set quantity_on_hand = trim_scale(p.quantity_on_hand + v_delta),
                total_stock = trim_scale(p.total_stock + v_delta)
            where p.id = v_lines[1].product_id
            returning * into v_product;
            if not found then
                perform stocksync._refuse_orphans(v_lines[1].product_id);
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
        returning u.lines
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
    )::stocksync._line)
    into v_more
    from summed as s;
    if v_more is not null then
        insert into stocksync._journal (lines, is_settled) values (v_more, true);
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
        select d.product_id, d.quantity, c.product
        from delta as d
        left join changed as c on c.id = d.product_id
        where c.id is null
            or (d.quantity < 0 and (c.product).quantity_on_hand < 0)
        order by d.product_id
    loop
        if r.product is null then
            perform stocksync._refuse_orphans(r.product_id);
        else
            perform stocksync._refuse_negative(r.product, r.quantity);
        end if;
    end loop;
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync._settle() IS 'Applies to products what the transaction captured. Raises SS001 where negative stock is refused, foreign_key_violation for movements of a product that is gone.';
CREATE FUNCTION stocksync._start_run(p_command text, p_product_id bigint, p_since timestamp with time zone, p_force boolean) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_run_id bigint;
begin
    perform stocksync.check_scope(p_product_id, p_since);
    insert into stocksync.runs (command, options)
    values (p_command, jsonb_strip_nulls(jsonb_build_object(
        'product_id', p_product_id, 'since', p_since, 'force', p_force
    )))
    returning id into v_run_id;
    perform stocksync._write_log(
        'info', 'stock synchronization started', p_product_id,
        (select u.options from stocksync.runs as u where u.id = v_run_id)
            || jsonb_build_object('run', v_run_id)
    );
    return v_run_id;
end;
$$;
COMMENT ON FUNCTION stocksync._start_run(p_command text, p_product_id bigint, p_since timestamp with time zone, p_force boolean) IS 'Records the start of a run and returns its number. Raises as stocksync.check_scope() does.';
CREATE FUNCTION stocksync._write_log(p_level text, p_message text, p_product_id bigint DEFAULT NULL::bigint, p_context jsonb DEFAULT '{}'::jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    insert into stocksync.log (level, message, product_id, context)
    values (p_level, p_message, p_product_id, p_context);
$$;
COMMENT ON FUNCTION stocksync._write_log(p_level text, p_message text, p_product_id bigint, p_context jsonb) IS 'Writes one event to stocksync.log as the session user.';
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
    LANGUAGE sql STABLE
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
        from public.products as p
        left join (
            select m.product_id,
                pg_catalog.trim_scale(pg_catalog.sum(
                    case m.movement_type when 'in' then m.quantity else -m.quantity end
                )) as quantity,
                pg_catalog.count(*) as movements
            from public.stock_movements as m
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
            select v.product_id
            from (
                select t.product_id, t.location_id, t.quantity, t.movements
                from stocksync.stock_total as t
                where p_product_ids is null or t.product_id = any (p_product_ids)
                union all
                select y.product_id, y.location_id, -y.quantity, -y.movements
                from stocksync.stock_daily as y
                where p_product_ids is null or y.product_id = any (p_product_ids)
            ) as v
            where p_force
            group by v.product_id, v.location_id
            having pg_catalog.sum(v.quantity) <> 0 or pg_catalog.sum(v.movements) <> 0
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
COMMENT ON FUNCTION stocksync.discrepancies(p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) IS 'Products whose stored quantities differ from their movements: what stocksync.sync() would correct. p_product_ids: only these (null: all). p_since: only products with movements that occurred or were recorded since then (null: all). p_force: compare the roll-up bucket by bucket, not only its totals. difference is quantity_on_hand minus ledger; differs names what is wrong: quantity_on_hand, total_stock, roll_up. In a transaction that has written movements, call it after "set constraints all immediate".';
CREATE FUNCTION stocksync.doctor() RETURNS TABLE(check_name text, status text, detail text, cure text)
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
COMMENT ON FUNCTION stocksync.doctor() IS 'One row for each thing checked: status "ok", "warning" or "failure", and for the last two what cures it.';
CREATE FUNCTION stocksync.explain(p_sku text) RETURNS TABLE(line text, quantity numeric, movements bigint, first_at timestamp with time zone, last_at timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    with product as (
        select p.* from public.products as p where p.id = stocksync.product_id(p_sku)
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
        select 6, 'corrected by sync', sum(i.after - i.before), count(*),
            min(i.found_at), max(i.found_at)
        from stocksync.incidents as i
        join product as p on p.id = i.product_id
        where i.class = 'quantity_on_hand'
        having count(*) > 0
        union all
        select 7, g.message, sum((g.context ->> 'new_stock')::numeric - (g.context ->> 'old_stock')::numeric),
            count(*), min(g.logged_at), max(g.logged_at)
        from stocksync.log as g
        join product as p on p.id = g.product_id
        where g.message like 'manual update of stock%'
        group by g.message
    )
    select t.line, trim_scale(t.quantity), t.movements, t.first_at, t.last_at
    from told as t
    order by t.part, t.line;
$$;
COMMENT ON FUNCTION stocksync.explain(p_sku text) IS 'How the stock of a product comes about: one line per transaction type, their sum, what differs from it, the stock, what is not yet rolled up, corrections and manual updates with how often and when. Raises no_data_found for an unknown sku.';
CREATE FUNCTION stocksync.failed_corrections(p_run_id bigint) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select u.products_failed from stocksync.runs as u where u.id = p_run_id;
$$;
COMMENT ON FUNCTION stocksync.failed_corrections(p_run_id bigint) IS 'The number of products that a run could not correct; the log names each. Null for an unknown run.';
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
            -- An application inserts movements, keeps its catalogue, reads.
            (1, 'stocksync_app', 'usage on schema stocksync'),
            (2, 'stocksync_app', 'select, insert, update, delete on public.products'),
            (3, 'stocksync_app', 'select, insert, update on public.locations'),
            (4, 'stocksync_app', 'select on public.transaction_types, public.stock_movements, public.stock_on_hand, stocksync.stock_by_location, stocksync.settings'),
            (5, 'stocksync_app', 'insert (id, product_id, location_id, movement_type, transaction_type, quantity, occurred_at, unit_cost, reference, idempotency_key, reverses_id, user_id, notes, metadata) on public.stock_movements'),
            (6, 'stocksync_app', 'usage on sequence public.products_id_seq, public.locations_id_seq, public.stock_movements_id_seq'),
            (7, 'stocksync_app', 'execute on function stocksync.product_id(text), stocksync.lock_products(bigint[]), stocksync.record_movement(bigint, text, numeric, text, bigint, timestamptz, numeric, text, text, text, jsonb), stocksync.reverse_movement(bigint, text), stocksync.stock(text, numeric), stocksync.movements(text, bigint), stocksync.use_shop_time()'),
            -- An auditor reads everything.
            (8, 'stocksync_auditor', 'usage on schema stocksync'),
            (9, 'stocksync_auditor', 'select on all tables in schema stocksync'),
            (10, 'stocksync_auditor', 'select on public.products, public.locations, public.transaction_types, public.stock_movements, public.stock_on_hand'),
            (11, 'stocksync_auditor', 'execute on function stocksync.product_id(text), stocksync.stock(text, numeric), stocksync.movements(text, bigint), stocksync.explain(text), stocksync.read_log(text, bigint), stocksync.corrections(bigint), stocksync.failed_corrections(bigint), stocksync.sync_dry_run(bigint, timestamptz, boolean), stocksync.use_shop_time(), stocksync.check_scope(bigint, timestamptz), stocksync.discrepancies(bigint[], timestamptz, boolean), stocksync._roll_up_differences(bigint[]), stocksync.live_object(), stocksync.doctor()'),
            -- An operator runs and corrects, and is application and auditor too.
            (12, 'stocksync_operator', 'stocksync_app'),
            (13, 'stocksync_operator', 'stocksync_auditor'),
            (14, 'stocksync_operator', 'execute on function stocksync.roll_up(), stocksync._lock_key(text), stocksync._start_run(text, bigint, timestamptz, boolean), stocksync._correct(bigint, bigint[], timestamptz, boolean), stocksync._finish_run(bigint)'),
            (15, 'stocksync_operator', 'execute on procedure stocksync.sync(bigint, bigint, timestamptz, boolean)'),
            (16, 'stocksync_operator', 'execute on function stocksync.import_columns(text), stocksync.stage_import(text, text[]), stocksync.import_problems(text, boolean), stocksync.import_products(text, boolean), stocksync.import_movements(text, boolean), stocksync._product_problems(), stocksync._movement_problems(boolean), stocksync._key_problems(), stocksync._read_movements(), stocksync._as_boolean(text), stocksync._as_jsonb(text), stocksync._as_numeric(text), stocksync._as_timestamptz(text, text), stocksync._record_import(text, text, timestamptz, jsonb)')
        ) as g (position, role, what)
        order by g.position
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
        ('movements', 'id', null, 'The database numbers movements: leave it out.'),
        ('movements', 'recorded_at', null, 'It is when the database was told: leave it out.'),
        ('movements', 'reverses_id', null,
            'Take a movement back with stocksync.reverse_movement().')
    ) as c (kind, column_name, required_as, refused_because)
    where c.kind = p_kind;
$$;
COMMENT ON FUNCTION stocksync.import_columns(p_kind text) IS 'The columns that a file of "products" or "movements" may have. Of those with the same required_as there must be one; null is optional. A column with refused_because cannot be imported.';
CREATE FUNCTION stocksync.import_movements(p_file text DEFAULT NULL::text, p_create_products boolean DEFAULT false) RETURNS TABLE(inserted bigint, already bigint, products_created bigint, problems bigint)
    LANGUAGE plpgsql
    SET jit TO 'off'
    SET work_mem TO '64MB'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_started_at constant timestamptz := clock_timestamp();
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
    insert into public.stock_movements (
        product_id, location_id, movement_type, transaction_type, quantity, occurred_at, unit_cost,
        reference, idempotency_key, user_id, notes, metadata
    )
    select s.product_id, s.location_id, s.direction, s.transaction_type, s.quantity,
        coalesce(s.occurred_at, now()), s.unit_cost, s.reference, s.idempotency_key, s.user_id,
        s.notes, s.metadata
    from pg_temp.stocksync_import_movements as s
    order by s.line
    on conflict (idempotency_key) where idempotency_key is not null do nothing;
    get diagnostics inserted = row_count;
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
        )
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
COMMENT ON FUNCTION stocksync.import_problems(p_kind text, p_create_products boolean) IS 'Why the "products" or "movements" in stocksync_import cannot be imported: one row for each bad value, by line; none if all is well. column_name and value are null where the line could not be read. With p_create_products an unknown sku is no problem. Raises undefined_table before stocksync.stage_import().';
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
        (sku, name, status, is_deleted, allow_negative, reorder_point, unit_cost)
    select s.sku, s.name, coalesce(s.status, 'active'),
        coalesce(stocksync._as_boolean(s.is_deleted), false),
        stocksync._as_boolean(s.allow_negative),
        stocksync._as_numeric(s.reorder_point),
        stocksync._as_numeric(s.unit_cost)
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
            and stocksync._as_numeric(s.unit_cost) is distinct from p.unit_cost);
    if p_update then
        perform stocksync.lock_products(v_differing);
        update public.products as p
        set name = s.name,
            status = coalesce(s.status, p.status),
            is_deleted = coalesce(stocksync._as_boolean(s.is_deleted), p.is_deleted),
            allow_negative = coalesce(stocksync._as_boolean(s.allow_negative), p.allow_negative),
            reorder_point = coalesce(stocksync._as_numeric(s.reorder_point), p.reorder_point),
            unit_cost = coalesce(stocksync._as_numeric(s.unit_cost), p.unit_cost)
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
                            'stock_batches', 'batch_consumptions'
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
CREATE FUNCTION stocksync.movements(p_sku text, p_limit bigint DEFAULT NULL::bigint) RETURNS TABLE(movement_id bigint, occurred_at timestamp with time zone, transaction_type text, quantity numeric, location text, reference text, reverses_id bigint, user_id text, notes text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select m.id, m.occurred_at, m.transaction_type,
        trim_scale(case m.movement_type when 'in' then m.quantity else -m.quantity end),
        l.name, m.reference, m.reverses_id, m.user_id, m.notes
    from public.stock_movements as m
    left join public.locations as l on l.id = m.location_id
    where m.product_id = stocksync.product_id(p_sku)
    order by m.occurred_at desc, m.id desc
    limit p_limit;
$$;
COMMENT ON FUNCTION stocksync.movements(p_sku text, p_limit bigint) IS 'The movements of a product, newest first, at most p_limit of them (null: all). quantity is signed: in is positive. Raises no_data_found for an unknown sku.';
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
CREATE FUNCTION stocksync.read_log(p_level text DEFAULT NULL::text, p_limit bigint DEFAULT 50) RETURNS TABLE(logged_at timestamp with time zone, level text, message text, sku text, actor text, context jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select n.logged_at, n.level, n.message, p.sku, n.actor, n.context
    from (
        select *
        from stocksync.log as g
        where p_level is null or g.level = p_level
        order by g.id desc
        limit p_limit
    ) as n
    left join public.products as p on p.id = n.product_id
    order by n.id;
$$;
COMMENT ON FUNCTION stocksync.read_log(p_level text, p_limit bigint) IS 'The last p_limit events of the log, oldest first; null: all. p_level: only "info", "warning", "error" or "critical".';
CREATE FUNCTION stocksync.record_movement(p_product_id bigint, p_transaction_type text, p_quantity numeric, p_idempotency_key text DEFAULT NULL::text, p_location_id bigint DEFAULT NULL::bigint, p_occurred_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_unit_cost numeric DEFAULT NULL::numeric, p_reference text DEFAULT NULL::text, p_user_id text DEFAULT NULL::text, p_notes text DEFAULT NULL::text, p_metadata jsonb DEFAULT NULL::jsonb) RETURNS public.stock_movements
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_movement public.stock_movements;
begin
    insert into public.stock_movements (
        product_id, transaction_type, quantity, idempotency_key, location_id, occurred_at,
        unit_cost, reference, user_id, notes, metadata
    )
    values (
        p_product_id, p_transaction_type, p_quantity, p_idempotency_key, p_location_id,
        coalesce(p_occurred_at, now()), p_unit_cost, p_reference, p_user_id, p_notes, p_metadata
    )
    on conflict (idempotency_key) where idempotency_key is not null do nothing
    returning * into v_movement;
    if found then
        return v_movement;
    end if;
    select * into v_movement
    from public.stock_movements as m
    where m.idempotency_key = p_idempotency_key;
    -- Who sends it again need not know when it was booked first.
    if (v_movement.product_id, v_movement.transaction_type, v_movement.quantity,
        v_movement.location_id, v_movement.unit_cost, v_movement.reference, v_movement.user_id,
        v_movement.notes, v_movement.metadata)
        is distinct from
        (p_product_id, p_transaction_type, p_quantity, p_location_id, p_unit_cost, p_reference,
         p_user_id, p_notes, p_metadata)
        or v_movement.occurred_at <> p_occurred_at
        or v_movement.reverses_id is not null
    then
        raise exception 'idempotency key "%" belongs to another movement', p_idempotency_key
            using errcode = 'SS002',
                  detail = format('Movement %s has this key and another content.', v_movement.id),
                  hint = 'Use a new key for a new movement; send the same content to retry.',
                  schema = 'public', table = 'stock_movements', column = 'idempotency_key';
    end if;
    return v_movement;
end;
$$;
COMMENT ON FUNCTION stocksync.record_movement(p_product_id bigint, p_transaction_type text, p_quantity numeric, p_idempotency_key text, p_location_id bigint, p_occurred_at timestamp with time zone, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb) IS 'Inserts a movement and returns it. With an idempotency key that was used before: returns the first movement if its content is the same, raises SS002 otherwise. A null p_occurred_at is now, and is not compared. Raises what an insert raises.';
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
                  hint = 'List the movements of a product with "stocksync movements --sku SKU".';
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
        insert into stocksync.stock_total as t (product_id, location_id, quantity, movements)
        select s.product_id, s.location_id, trim_scale(sum(s.quantity)), sum(s.movements)
        from summed as s
        group by 1, 2
        on conflict on constraint stock_total_key do update set
            quantity = trim_scale(t.quantity + excluded.quantity),
            movements = t.movements + excluded.movements
    )
    select count(*) into v_drained from drained;
    return v_drained;
end;
$$;
COMMENT ON FUNCTION stocksync.roll_up() IS 'Drains the journal into stock_daily and stock_total and returns the number of journal rows drained; null if another roll-up or a correction is running.';
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
                  hint = 'Import "products" or "movements".';
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
    having not bool_or(c.column_name = any (p_columns))
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
        unit_cost text,
        reference text,
        idempotency_key text,
        user_id text,
        notes text,
        metadata text
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
COMMENT ON FUNCTION stocksync.stage_import(p_kind text, p_columns text[]) IS 'Makes the temporary table stocksync_import, until the end of the transaction, for a file of "products" or "movements" with these columns, and returns the COPY that fills it. From psql: begin; select it; \copy stocksync_import (sku, ...) from FILE with (format csv, header); select * from stocksync.import_movements(); commit. Lines with a problem, if the loader says one, are told by stocksync.import_problems(). Raises invalid_parameter_value for an unknown kind or a column that is not imported, undefined_column for one that is unknown or missing, duplicate_column.';
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
CREATE PROCEDURE stocksync.sync(INOUT p_run_id bigint DEFAULT NULL::bigint, IN p_product_id bigint DEFAULT NULL::bigint, IN p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, IN p_force boolean DEFAULT false)
    LANGUAGE plpgsql
    AS $$
declare
    v_chunk constant integer := 500;
    v_ids bigint[];
begin
    p_run_id := stocksync._start_run('sync', p_product_id, p_since, p_force);
    commit;
    select pg_catalog.array_agg(d.product_id order by d.product_id) into v_ids
    from stocksync.discrepancies(
        case when p_product_id is not null then array[p_product_id] end, p_since, p_force
    ) as d;
    for i in 1 .. coalesce(pg_catalog.cardinality(v_ids), 0) by v_chunk loop
        commit;
        -- Each measurement needs a snapshot younger than the lock, whatever the session's default.
        set transaction isolation level read committed;
        -- Polling, because a session that waits inside pg_advisory_lock() holds a snapshot that
        -- makes CREATE INDEX CONCURRENTLY wait for it.
        while not pg_catalog.pg_try_advisory_xact_lock(stocksync._lock_key('roll_up')) loop
            perform pg_catalog.pg_sleep(0.02);
        end loop;
        perform stocksync._correct(p_run_id, v_ids[i : i + v_chunk - 1], p_since, p_force);
    end loop;
    commit;
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
    if v_mode = 'keep_out' then
        update public.products as p
        set quantity_on_hand = v_before,
            total_stock = v_before_total
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
begin
    if tg_op = 'UPDATE' then
        raise exception 'the number of product % cannot change', old.id
            using errcode = 'restrict_violation',
                  hint = 'Insert a new product; change the sku to rename one.',
                  schema = 'public', table = 'products', column = 'id',
                  constraint = 'products_id_is_fixed';
    end if;
    set constraints stocksync._500_settle immediate;
    set constraints stocksync._500_settle deferred;
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_products__identity() IS 'Settles at once where products are deleted or truncated. Raises restrict_violation if the number of a product changes.';
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
    perform stocksync._capture((
        select array_agg(row(
            c.product_id, c.location_id, c.day, c.transaction_type, c.quantity, c.movements
        )::stocksync._line)
        from (
            select
                o.product_id,
                o.location_id,
                (o.occurred_at at time zone s.time_zone)::date as day,
                o.transaction_type,
                sum(case o.movement_type when 'in' then -o.quantity else o.quantity end)
                    as quantity,
                -count(*)::integer as movements
            from old_rows as o
            cross join stocksync.settings as s
            group by 1, 2, 3, 4
        ) as c
    ));
    perform stocksync._log_changed_movements(
        'movements deleted', (select array_agg(o.id order by o.id) from old_rows as o)
    );
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_stock_movements__capture_delete() IS 'Captures deleted movements and logs a warning.';
CREATE FUNCTION stocksync.tg_stock_movements__capture_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_lines stocksync._line[];
    v_is_valid boolean;
    v_has_reversals boolean;
    v_has_changed boolean;
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
        bool_or(c.is_reversal)
    into v_lines, v_is_valid, v_has_reversals
    from (
        select
            n.product_id,
            n.location_id,
            (n.occurred_at at time zone (select s.time_zone from stocksync.settings as s))::date
                as day,
            n.transaction_type,
            n.movement_type,
            n.reverses_id is not null as is_reversal,
            sum(n.quantity) as quantity,
            count(*)::integer as movements
        from new_rows as n
        group by 1, 2, 3, 4, 5, 6
    ) as c;
    if not v_is_valid then
        perform stocksync._check_type(n.transaction_type, n.movement_type)
        from new_rows as n
        where n.reverses_id is null;
    end if;
    if v_has_reversals then
        perform stocksync._check_reversal(n) from new_rows as n where n.reverses_id is not null;
    end if;
    v_has_changed := stocksync._capture(v_lines);
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_stock_movements__capture_insert() IS 'Captures inserted movements. Raises foreign_key_violation for an unknown transaction type, check_violation for a contradicting direction or a reversal that does not match.';
CREATE FUNCTION stocksync.tg_stock_movements__capture_update() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    v_lines stocksync._line[];
    v_changed bigint[];
begin
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
    -- 2. What it comes to.
    select array_agg(row(
        c.product_id, c.location_id, c.day, c.transaction_type, c.quantity, c.movements
    )::stocksync._line)
    into v_lines
    from (
        select
            m.product_id,
            m.location_id,
            (m.occurred_at at time zone s.time_zone)::date as day,
            m.transaction_type,
            sum(case m.movement_type when 'in' then m.quantity else -m.quantity end * m.sign)
                as quantity,
            sum(m.sign)::integer as movements
        from (
            select n.product_id, n.location_id, n.occurred_at, n.transaction_type,
                n.movement_type, n.quantity, 1 as sign
            from new_rows as n
            union all
            select o.product_id, o.location_id, o.occurred_at, o.transaction_type,
                o.movement_type, o.quantity, -1
            from old_rows as o
        ) as m
        cross join stocksync.settings as s
        group by 1, 2, 3, 4
    ) as c
    where c.quantity <> 0 or c.movements <> 0;
    perform stocksync._capture(v_lines);
    -- 3. The log.
    select array_agg(o.id order by o.id) into v_changed
    from old_rows as o
    join new_rows as n on n.id = o.id
    where o is distinct from n;
    perform stocksync._log_changed_movements('movements updated', v_changed);
    return null;
end;
$$;
COMMENT ON FUNCTION stocksync.tg_stock_movements__capture_update() IS 'Captures updated movements and logs a warning. Raises as the capture of inserts does.';
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
        notes, metadata
    )
    values (
        lower(tg_op), old.id, old.product_id, old.location_id, old.movement_type,
        old.transaction_type, old.quantity, old.occurred_at, old.recorded_at, old.unit_cost,
        old.reference, old.idempotency_key, old.reverses_id, old.user_id, old.notes, old.metadata
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
    ));
    insert into stocksync.movement_history (
        operation, movement_id, product_id, location_id, movement_type, transaction_type, quantity,
        occurred_at, recorded_at, unit_cost, reference, idempotency_key, reverses_id, user_id,
        notes, metadata
    )
    select 'truncate', m.id, m.product_id, m.location_id, m.movement_type, m.transaction_type,
        m.quantity, m.occurred_at, m.recorded_at, m.unit_cost, m.reference, m.idempotency_key,
        m.reverses_id, m.user_id, m.notes, m.metadata
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
COMMENT ON FUNCTION stocksync.tg_stock_movements__truncate() IS 'Refuses TRUNCATE with SS004, or captures it where stocksync.allow_truncate is on.';
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
        if exists (select from public.stock_movements) then
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
CREATE FUNCTION stocksync.use_shop_time() RETURNS text
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select set_config('TimeZone', s.time_zone, false) from stocksync.settings as s;
$$;
COMMENT ON FUNCTION stocksync.use_shop_time() IS 'Makes this session read and print times in the time zone of stocksync.settings, and returns its name.';
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
CREATE SEQUENCE public.stock_movements_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.stock_movements_id_seq OWNED BY public.stock_movements.id;
CREATE VIEW public.stock_on_hand AS
 SELECT p.id AS product_id,
    p.sku,
    p.name,
    p.quantity_on_hand,
    p.reorder_point,
    p.status,
    p.is_deleted
   FROM public.products p;
COMMENT ON VIEW public.stock_on_hand IS 'The stock of each product, in units; below zero where more went out than came in.';
CREATE TABLE public.transaction_types (
    name text NOT NULL,
    movement_type text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    CONSTRAINT transaction_types_direction CHECK ((movement_type = ANY (ARRAY['in'::text, 'out'::text]))),
    CONSTRAINT transaction_types_name_not_empty CHECK ((name <> ''::text))
);
COMMENT ON TABLE public.transaction_types IS 'Why stock moves, and in which direction. Add your own; the direction of a type that has movements cannot change.';
COMMENT ON COLUMN public.transaction_types.name IS 'What stock_movements.transaction_type says.';
COMMENT ON COLUMN public.transaction_types.movement_type IS '"in" adds to the stock, "out" takes from it.';
COMMENT ON COLUMN public.transaction_types.description IS 'In the shop''s words.';
CREATE TABLE stocksync._journal (
    lines stocksync._line[] NOT NULL,
    is_settled boolean DEFAULT false NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='10000');
COMMENT ON TABLE stocksync._journal IS 'What committed transactions have changed and the roll-up has not yet drained: one row per transaction that writes once, two otherwise.';
COMMENT ON COLUMN stocksync._journal.lines IS 'What changed, summed.';
COMMENT ON COLUMN stocksync._journal.is_settled IS 'True where the stock already holds these lines at insert, so that the settle trigger leaves them alone.';
CREATE UNLOGGED TABLE stocksync._unsettled (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    lines stocksync._line[] NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000');
COMMENT ON TABLE stocksync._unsettled IS 'What the second and later statements of a running transaction have changed, until it settles at commit. Always empty in committed data.';
COMMENT ON COLUMN stocksync._unsettled.xid IS 'The transaction that captured it.';
COMMENT ON COLUMN stocksync._unsettled.lines IS 'What one statement changed, summed.';
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
    CONSTRAINT movement_history_operation_known CHECK ((operation = ANY (ARRAY['update'::text, 'delete'::text, 'truncate'::text])))
);
COMMENT ON TABLE stocksync.movement_history IS 'The old version of every movement that somebody privileged updated, deleted or truncated.';
COMMENT ON COLUMN stocksync.movement_history.replaced_at IS 'Until when this version was valid.';
COMMENT ON COLUMN stocksync.movement_history.replaced_by IS 'The session user who did it.';
COMMENT ON COLUMN stocksync.movement_history.operation IS '"update", "delete" or "truncate".';
COMMENT ON COLUMN stocksync.movement_history.movement_id IS 'Number of the movement; the columns after it are the movement''s own.';
ALTER TABLE stocksync.movement_history ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.movement_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync.runs (
    id bigint NOT NULL,
    command text NOT NULL,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    actor text DEFAULT SESSION_USER NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    products_corrected bigint DEFAULT 0 NOT NULL,
    products_failed bigint DEFAULT 0 NOT NULL
);
COMMENT ON TABLE stocksync.runs IS 'Every run that may correct stock. finished_at is null while it runs, and for ever when it was killed.';
COMMENT ON COLUMN stocksync.runs.command IS 'What was run: "sync".';
COMMENT ON COLUMN stocksync.runs.options IS 'With what it was called.';
COMMENT ON COLUMN stocksync.runs.actor IS 'The session user.';
COMMENT ON COLUMN stocksync.runs.products_corrected IS 'Products whose stock was wrong and was corrected.';
COMMENT ON COLUMN stocksync.runs.products_failed IS 'Products that could not be corrected; the log names each.';
ALTER TABLE stocksync.runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME stocksync.runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE stocksync.settings (
    only_row boolean DEFAULT true NOT NULL,
    allow_negative boolean DEFAULT true NOT NULL,
    manual_updates text DEFAULT 'warn'::text NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    CONSTRAINT settings_manual_updates_known CHECK ((manual_updates = ANY (ARRAY['warn'::text, 'keep_out'::text, 'refuse'::text]))),
    CONSTRAINT settings_one_row CHECK (only_row)
);
COMMENT ON TABLE stocksync.settings IS 'One row that says how this installation behaves. Change it with update.';
COMMENT ON COLUMN stocksync.settings.only_row IS 'Always true: there is one row.';
COMMENT ON COLUMN stocksync.settings.allow_negative IS 'May stock fall below zero where the product does not say? Default true: a negative stock is visible, not refused.';
COMMENT ON COLUMN stocksync.settings.manual_updates IS 'What happens to an update of quantity_on_hand or total_stock by somebody other than the application role: "warn" lets it through and logs it, the next sync corrects it; "keep_out" keeps the old value and logs; "refuse" raises SS003. From stocksync_app it is always kept out.';
COMMENT ON COLUMN stocksync.settings.time_zone IS 'Whose days stock_daily counts in. Changing it counts all of them anew, while writers wait.';
CREATE TABLE stocksync.stock_total (
    product_id bigint NOT NULL,
    location_id bigint,
    quantity numeric NOT NULL,
    movements bigint NOT NULL
)
WITH (fillfactor='70');
COMMENT ON TABLE stocksync.stock_total IS 'What has been rolled up, per product and location: the sum of stock_daily.';
COMMENT ON COLUMN stocksync.stock_total.quantity IS 'Signed sum: in minus out.';
COMMENT ON COLUMN stocksync.stock_total.movements IS 'Number of movements.';
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
CREATE TABLE stocksync.yoyo_lock (
    locked integer DEFAULT 1 NOT NULL,
    ctime timestamp without time zone,
    pid integer NOT NULL
);
COMMENT ON TABLE stocksync.yoyo_lock IS 'One row while migrations run.';
ALTER TABLE ONLY public.locations ALTER COLUMN id SET DEFAULT nextval('public.locations_id_seq'::regclass);
ALTER TABLE ONLY public.products ALTER COLUMN id SET DEFAULT nextval('public.products_id_seq'::regclass);
ALTER TABLE ONLY public.stock_movements ALTER COLUMN id SET DEFAULT nextval('public.stock_movements_id_seq'::regclass);
INSERT INTO public.locations VALUES (1, 'shop');
INSERT INTO public.locations VALUES (2, 'store');
INSERT INTO public.products VALUES (3, 'C', 'Crème', 380.25, 380.25, 'active', false, false, NULL, NULL);
INSERT INTO public.products VALUES (2, 'B', 'Banana "ripe"', 297.25, 297.25, 'active', false, true, NULL, NULL);
INSERT INTO public.products VALUES (1, 'A', 'Apple', 282.75, 8, 'active', false, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (1, 2, 1, 'in', 'purchase', 1.25, '2026-01-31 23:00:00+00', '2026-11-21 07:05:25.622217+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (2, 3, 2, 'in', 'purchase', 2.25, '2026-02-01 02:00:00+00', '2026-11-21 07:05:25.622822+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (3, 1, NULL, 'in', 'purchase', 3.25, '2026-02-01 05:00:00+00', '2026-11-21 07:05:25.622884+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (4, 2, 1, 'out', 'sale', 4.25, '2026-02-01 08:00:00+00', '2026-11-21 07:05:25.622911+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (5, 3, 2, 'in', 'purchase', 5.25, '2026-02-01 11:00:00+00', '2026-11-21 07:05:25.622932+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (6, 1, NULL, 'in', 'purchase', 6.25, '2026-02-01 14:00:00+00', '2026-11-21 07:05:25.622949+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (7, 2, 1, 'in', 'purchase', 7.25, '2026-02-01 17:00:00+00', '2026-11-21 07:05:25.622975+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (8, 3, 2, 'out', 'sale', 8.25, '2026-02-01 20:00:00+00', '2026-11-21 07:05:25.622985+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (9, 1, NULL, 'in', 'purchase', 9.25, '2026-02-01 23:00:00+00', '2026-11-21 07:05:25.622994+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (10, 2, 1, 'in', 'purchase', 10.25, '2026-02-02 02:00:00+00', '2026-11-21 07:05:25.623002+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (13, 2, 1, 'in', 'purchase', 13.25, '2026-02-02 11:00:00+00', '2026-11-21 07:05:25.623027+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (14, 3, 2, 'in', 'purchase', 14.25, '2026-02-02 14:00:00+00', '2026-11-21 07:05:25.623036+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (15, 1, NULL, 'in', 'purchase', 15.25, '2026-02-02 17:00:00+00', '2026-11-21 07:05:25.623045+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (16, 2, 1, 'out', 'sale', 16.25, '2026-02-02 20:00:00+00', '2026-11-21 07:05:25.623053+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (17, 3, 2, 'in', 'purchase', 17.25, '2026-02-02 23:00:00+00', '2026-11-21 07:05:25.623062+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (18, 1, NULL, 'in', 'purchase', 18.25, '2026-02-03 02:00:00+00', '2026-11-21 07:05:25.62307+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (19, 2, 1, 'in', 'purchase', 19.25, '2026-02-03 05:00:00+00', '2026-11-21 07:05:25.623078+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (20, 3, 2, 'out', 'sale', 20.25, '2026-02-03 08:00:00+00', '2026-11-21 07:05:25.623086+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (21, 1, NULL, 'in', 'purchase', 21.25, '2026-02-03 11:00:00+00', '2026-11-21 07:05:25.623094+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (22, 2, 1, 'in', 'purchase', 22.25, '2026-02-03 14:00:00+00', '2026-11-21 07:05:25.623102+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (23, 3, 2, 'in', 'purchase', 23.25, '2026-02-03 17:00:00+00', '2026-11-21 07:05:25.623111+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (24, 1, NULL, 'out', 'sale', 24.25, '2026-02-03 20:00:00+00', '2026-11-21 07:05:25.623119+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (25, 2, 1, 'in', 'purchase', 25.25, '2026-02-03 23:00:00+00', '2026-11-21 07:05:25.623127+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (26, 3, 2, 'in', 'purchase', 26.25, '2026-02-04 02:00:00+00', '2026-11-21 07:05:25.623135+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (27, 1, NULL, 'in', 'purchase', 27.25, '2026-02-04 05:00:00+00', '2026-11-21 07:05:25.623143+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (28, 2, 1, 'out', 'sale', 28.25, '2026-02-04 08:00:00+00', '2026-11-21 07:05:25.623151+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (29, 3, 2, 'in', 'purchase', 29.25, '2026-02-04 11:00:00+00', '2026-11-21 07:05:25.62316+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (30, 1, NULL, 'in', 'purchase', 30.25, '2026-02-04 14:00:00+00', '2026-11-21 07:05:25.623168+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (31, 2, 1, 'in', 'purchase', 31.25, '2026-02-04 17:00:00+00', '2026-11-21 07:05:25.623175+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (32, 3, 2, 'out', 'sale', 32.25, '2026-02-04 20:00:00+00', '2026-11-21 07:05:25.623184+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (33, 1, NULL, 'in', 'purchase', 33.25, '2026-02-04 23:00:00+00', '2026-11-21 07:05:25.623192+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (34, 2, 1, 'in', 'purchase', 34.25, '2026-02-05 02:00:00+00', '2026-11-21 07:05:25.623201+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (35, 3, 2, 'in', 'purchase', 35.25, '2026-02-05 05:00:00+00', '2026-11-21 07:05:25.623209+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (36, 1, NULL, 'out', 'sale', 36.25, '2026-02-05 08:00:00+00', '2026-11-21 07:05:25.623217+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (37, 2, 1, 'in', 'purchase', 37.25, '2026-02-05 11:00:00+00', '2026-11-21 07:05:25.623225+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (38, 3, 2, 'in', 'purchase', 38.25, '2026-02-05 14:00:00+00', '2026-11-21 07:05:25.623234+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (39, 1, NULL, 'in', 'purchase', 39.25, '2026-02-05 17:00:00+00', '2026-11-21 07:05:25.623242+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (40, 2, 1, 'out', 'sale', 40.25, '2026-02-05 20:00:00+00', '2026-11-21 07:05:25.623251+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (41, 3, 2, 'in', 'purchase', 41.25, '2026-02-05 23:00:00+00', '2026-11-21 07:05:25.623259+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (42, 1, NULL, 'in', 'purchase', 42.25, '2026-02-06 02:00:00+00', '2026-11-21 07:05:25.623267+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (43, 2, 1, 'in', 'purchase', 43.25, '2026-02-06 05:00:00+00', '2026-11-21 07:05:25.623275+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (44, 3, 2, 'out', 'sale', 44.25, '2026-02-06 08:00:00+00', '2026-11-21 07:05:25.623284+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (45, 1, NULL, 'in', 'purchase', 45.25, '2026-02-06 11:00:00+00', '2026-11-21 07:05:25.623292+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (46, 2, 1, 'in', 'purchase', 46.25, '2026-02-06 14:00:00+00', '2026-11-21 07:05:25.6233+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (47, 3, 2, 'in', 'purchase', 47.25, '2026-02-06 17:00:00+00', '2026-11-21 07:05:25.623308+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (48, 1, NULL, 'out', 'sale', 48.25, '2026-02-06 20:00:00+00', '2026-11-21 07:05:25.623317+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (49, 2, 1, 'in', 'purchase', 49.25, '2026-02-06 23:00:00+00', '2026-11-21 07:05:25.623325+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (50, 3, 2, 'in', 'purchase', 50.25, '2026-02-07 02:00:00+00', '2026-11-21 07:05:25.623333+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (51, 1, NULL, 'in', 'purchase', 51.25, '2026-02-07 05:00:00+00', '2026-11-21 07:05:25.623341+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (52, 2, 1, 'out', 'sale', 52.25, '2026-02-07 08:00:00+00', '2026-11-21 07:05:25.623349+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (53, 3, 2, 'in', 'purchase', 53.25, '2026-02-07 11:00:00+00', '2026-11-21 07:05:25.623357+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (54, 1, NULL, 'in', 'purchase', 54.25, '2026-02-07 14:00:00+00', '2026-11-21 07:05:25.623366+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (55, 2, 1, 'in', 'purchase', 55.25, '2026-02-07 17:00:00+00', '2026-11-21 07:05:25.623374+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (56, 3, 2, 'out', 'sale', 56.25, '2026-02-07 20:00:00+00', '2026-11-21 07:05:25.623382+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (57, 1, NULL, 'in', 'purchase', 57.25, '2026-02-07 23:00:00+00', '2026-11-21 07:05:25.623391+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (58, 2, 1, 'in', 'purchase', 58.25, '2026-02-08 02:00:00+00', '2026-11-21 07:05:25.623399+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (59, 3, 2, 'in', 'purchase', 59.25, '2026-02-08 05:00:00+00', '2026-11-21 07:05:25.623407+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (60, 1, NULL, 'out', 'sale', 60.25, '2026-02-08 08:00:00+00', '2026-11-21 07:05:25.623415+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (61, 2, NULL, 'out', 'loan_out', 5, '2026-11-21 07:05:25.692528+00', '2026-11-21 07:05:25.692625+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (62, 1, NULL, 'out', 'sale', 2, '2026-11-21 07:05:25.695762+00', '2026-11-21 07:05:25.696042+00', NULL, NULL, 'order-1', NULL, NULL, NULL, NULL);
INSERT INTO public.stock_movements VALUES (63, 2, 1, 'out', 'purchase', 10.25, '2026-11-21 07:05:25.696793+00', '2026-11-21 07:05:25.697247+00', NULL, NULL, NULL, 10, NULL, 'taken back', NULL);
INSERT INTO public.stock_movements VALUES (11, 3, 2, 'in', 'purchase', 99, '2026-02-02 05:00:00+00', '2026-11-21 07:05:25.623011+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.transaction_types VALUES ('purchase', 'in', 'Purchase orders from suppliers');
INSERT INTO public.transaction_types VALUES ('sale_return', 'in', 'Customer returns');
INSERT INTO public.transaction_types VALUES ('opening_stock', 'in', 'Initial inventory');
INSERT INTO public.transaction_types VALUES ('transfer_in', 'in', 'Stock from another location');
INSERT INTO public.transaction_types VALUES ('stock_count_correction', 'in', 'Physical count found more');
INSERT INTO public.transaction_types VALUES ('recovery_found', 'in', 'Missing items found again');
INSERT INTO public.transaction_types VALUES ('manufacturing_in', 'in', 'Finished production items');
INSERT INTO public.transaction_types VALUES ('sale', 'out', 'Sales to customers');
INSERT INTO public.transaction_types VALUES ('purchase_return', 'out', 'Returns to suppliers');
INSERT INTO public.transaction_types VALUES ('damage', 'out', 'Damaged items removed');
INSERT INTO public.transaction_types VALUES ('lost_missing', 'out', 'Missing or lost items');
INSERT INTO public.transaction_types VALUES ('theft', 'out', 'Stolen items');
INSERT INTO public.transaction_types VALUES ('expired', 'out', 'Expired items removed');
INSERT INTO public.transaction_types VALUES ('transfer_out', 'out', 'Stock to another location');
INSERT INTO public.transaction_types VALUES ('stock_count_correction_minus', 'out', 'Physical count found less');
INSERT INTO public.transaction_types VALUES ('quality_control', 'out', 'Failed in quality control');
INSERT INTO public.transaction_types VALUES ('manufacturing_out', 'out', 'Raw material consumed');
INSERT INTO public.transaction_types VALUES ('promotional', 'out', 'Samples and promotions');
INSERT INTO public.transaction_types VALUES ('loan_out', 'out', '');
INSERT INTO stocksync._journal VALUES ('{"(2,,2026-11-21,loan_out,-5,1)"}', false);
INSERT INTO stocksync._journal VALUES ('{"(1,,2026-11-21,sale,-2,1)"}', false);
INSERT INTO stocksync._journal VALUES ('{"(2,1,2026-11-21,purchase,-10.25,1)"}', false);
INSERT INTO stocksync._journal VALUES ('{"(3,2,2026-02-02,purchase,87.75,0)"}', false);
INSERT INTO stocksync._journal VALUES ('{"(1,,2026-02-02,sale,12.25,-1)"}', false);
INSERT INTO stocksync._yoyo_log VALUES ('364acb58-7d7e-4d77-b5d1-cef30fb2713f', '27aaa2ee50ecedce708e3c1336841e16c972a0075e8229ca9460cd56e77f711a', '0001_create_stocksync', 'apply', 'postgres', 'vm', NULL, '2026-11-21 07:05:25.105115');
INSERT INTO stocksync._yoyo_log VALUES ('be837da1-3339-43e8-92ad-a36605c35df9', 'b60e903c3e1e561c85bd2fa8fd57c9a95a1ab82c70d73036648e59fa32d5c3db', '0002_create_ledger', 'apply', 'postgres', 'vm', NULL, '2026-11-21 07:05:25.40221');
INSERT INTO stocksync._yoyo_migration VALUES ('27aaa2ee50ecedce708e3c1336841e16c972a0075e8229ca9460cd56e77f711a', '0001_create_stocksync', '2026-11-21 07:05:25.104406');
INSERT INTO stocksync._yoyo_migration VALUES ('b60e903c3e1e561c85bd2fa8fd57c9a95a1ab82c70d73036648e59fa32d5c3db', '0002_create_ledger', '2026-11-21 07:05:25.401818');
INSERT INTO stocksync._yoyo_version VALUES (2, '2026-11-21 07:05:24.847582');
INSERT INTO stocksync.deployed_file VALUES ('functions/live_object.sql', '31aadb9536aed566b1b0d79bfd2b7e93749657c89cefe65de647e01035e67489', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_record_objects.sql', '32e5a6c7a149d7a0a8a40c1a9e94936db179bcadec88fd6f94b0294cff27a89e', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_accept_drift.sql', '6ee84fdd76a6fd01094e8802f24893fdfe6b85988988de35080d592e8110d9cf', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_finish_deployment.sql', '08f2004b5915b6aae75db18fe2cef759198719ac940840634d45609dd8da4b62', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/doctor.sql', 'bea4aa89fdfcc3bb0fb09065538794508b81df5f833168fd88bd02627920595f', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_as_boolean.sql', '6746ec975dabe3f91e86dcdd90cfdac78fa65b2492902a5296281ace17773f1b', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_as_jsonb.sql', '606dc75d7795e123e41836e0e383a6682b8f695b26a0b84e3c0bb491126f9402', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_as_numeric.sql', 'ecabb28b213c9dfa4b93624bfe5a8aefec8a640b33c5a0e82725b9247f6fc4b9', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_as_timestamptz.sql', '7eeea533726f1e1bcb2834bb7ba15397a98039953107b082592393c370a0b513', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_capture.sql', 'c10eeb115926f2880d14c0214c0b5c5bdd18190f4c67cb538ef8f951dc871963', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_check_reversal.sql', '14ec35cf086ab43c42aebbd21c134104f525531f2cb7f1b5905c57a4731ea401', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_check_type.sql', '9a0c79fcb6a0f8ad8e5ccf89f31852401f49eb3f7b1237aba2985b563d23c9f4', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_correct.sql', '020ca5f6203d84930f17c24373d785195d278b6ee29e46e1a48c0058f38850a5', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_finish_run.sql', 'dcd3e6ecbefac73f18605bf52ce31dda1f641a26c0f7c52da6d92f52aedbb40c', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_is_application.sql', 'fe169e1756f065e71c90ad2b6843b7ad7d360d4271eb19cd705f0c3f3b2f3d76', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_key_problems.sql', '16f826bd7a17cbc870ac10249c297f6420c729f604efa9331ad7276e9bcf8b45', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_lock_key.sql', '1f38c66ba3b054b85f671bfb74d431ca139bd660b1ef77bd805df0026cefd890', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_log_changed_movements.sql', '0e8c3474475702c3e45bca392ac216c06dae3d225b91934fcc078397adafbcaa', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_movement_problems.sql', 'be2660ce6cfe03b1dec1008ded111c91b19078d1623e91d39506fb27bb8933ad', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_product_problems.sql', 'b8da4ef184fbe96334efd2bb52dd5f8623d769d203b6d4a5244d686d09500266', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_read_movements.sql', '2982e570e1ce8c3786002bd7fa0e10fb885f5a89dddc83c18421627ddf56711f', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_record_import.sql', '83a900c86d4f673625f018a16792025c89719e6356345df7268f49d09e734da2', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuse_negative.sql', 'd3f3d85e31df0bcb772a0c9754731232ea45e91b5299c3ebf5481773f08786a8', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_refuse_orphans.sql', '2b0658d4245647af746c8375bc190866d7961a98b0bd263aa158dca67d8986f7', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_roll_up_differences.sql', '0a959882cedf9a5021d873e093960a094f70a167cbf7691352fc7921b0f26224', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_settle.sql', '15a1a6f9b578529d7051a0f7a6b91aa6ac42e2b0cd7bdb37a711243febc30a98', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_start_run.sql', '340181a6c405ca9021ef3d9e520233410aec0c743026ca4ff5d589b56c1c2949', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/_write_log.sql', '1ab020ff1735f8f3986f91c2f38793232c3ca9e1e48cca9572fef7af117afb9b', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/check_scope.sql', '7f492b240639d172992fa197d48a72e582434c40afb813fb919bbb7d4302b470', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/corrections.sql', '087adf9169b3ff228bc055fd332f7a9c2ba6ee8df3c9e5b60f721a71c945496d', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/discrepancies.sql', '2aaf207567d810083083f5d233411e8a54b4cfccfe7885b80d8a516f05cd388b', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/explain.sql', '9f5f895c534dfd6d7c18965175393a1eb471677dbd4da498ff0705aebc2c7cd9', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/failed_corrections.sql', '04e719f0b7ea59d5f31b7118fe9c470ce78961fef638248ee1e200057db9a818', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/grant_roles.sql', 'b4ba0d11d98588ae8a14a76652fa77d1c95a0e42a839572c1ef904038a1cdf34', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_columns.sql', '10c1baf0de838dfa856cdc3d2ab1fa8363c5471b1a8738cf1336e5024e5a84b3', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_movements.sql', 'a6fa64c777d3286b4ba174117a817cd59280d6e30335a806b955f5c65f864b14', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_problems.sql', '8a75bad848a1164907c41496e3183eff4488e50b4edbc1546611799f9fd40440', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/import_products.sql', '5662fe2512986e682669ce0c7157613ca02f6413da7d0a4bc7e9542295413f24', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/lock_products.sql', '2b5a038c84b44e7123d4f11ca821c93cf22b96bd5430018e13a9c4c945c6c9a2', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/movements.sql', 'ab183eda5ab5c5df2df654d652409db75518daa372f349d2caaebbd5b433b5e8', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/product_id.sql', 'e3a65d533d9da725ea537f0763720c67d285d1cf72301b028d345fa9306a5444', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/read_log.sql', '0b256487b95f8e352cbf4ea4677bdd3bac564882b16290f91593395436d6d456', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/record_movement.sql', 'f229326c6b023174998adac9c438e0326f5bff9423f9eb70a48b407d0d9ea30a', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/reverse_movement.sql', '9f98b45155a55c10f3d769648bf873ec449c7a123e6a24f12c0e61dee60fcbdc', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/roll_up.sql', '03d1b647fdcbc1aff8414c1cfa57716f05a300810f6e3b2549abe7690de6d656', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/stage_import.sql', '25577ddd7f6294dd2e132a75585d5ead08b07d6bf362264ef8b4497083f00cf4', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/stock.sql', 'b1a67362e1f09c132f4337ebf0954fc47e8d63ee454f79bab2c9b2c9a80ec11c', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/sync_dry_run.sql', '1e63692a63c8ee32ac23067a7710292e6869969c893ef3aac754ac3d81e123c5', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('functions/use_shop_time.sql', 'b880bc05ac7e0828f98095f57475002b29e4175010e83c15e433ad59d50858a1', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('procedures/sync.sql', 'b3b6855325da199078ff9a5678315ba74594460836b8e44246aba00c778ccf3a', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('views/drift.sql', 'd7e4a66c3efaebcb36d0c4891f87b99a2e9881cbb2814d85ec7128b872749ac3', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('views/stock_by_location.sql', '9981c0ddc0b9af65db43c089bb53ca8563adc2de7178f3d18114474c53496304', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('views/stock_on_hand.sql', 'c86e9791dfc2551f634e2a98ffccd2add9d5ee97a05998aee5cb68c1140a0851', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/_journal__settle.sql', 'dd3108f3b249617e358fe9a33baa40e3ed3dc454addb15b006203be05de0f1c3', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/_unsettled__settle.sql', '9a241b97943796ff4e28f0029e06b69c98b0b8e8697c2de01eea66f07ee87d17', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/incidents__correct.sql', '2d6e44d66592dbbb06012f2650be38484c47a5409d6a0865eecb0bb25bf20461', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/products__guard.sql', '66d79fd38a658aa0a3dd062588d799903c6f1dc2596ee6b792efd0a36a317a3d', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/products__identity.sql', '61ec26d27d45b717fa35fbedf408b69d92272f9c42a70b90d41c619c5f65ee49', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/settings__guard.sql', '420260205840819a922f1b602623dfd6d43e0d050525cdca82debd627a968996', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/settings__time_zone.sql', '3899cc80090624bfac7da43e0c91e6b30eb33bef73c0abeeb5e1cb73861a9f0b', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__capture_delete.sql', '308cb1df3f67bfadfb30724d5b29c1ab54c5f7c2eb5856a50565a4df805a11e3', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__capture_insert.sql', '0eb4efb454e85e348b567f69671fd5a37ce227c45956e925dfc2e3addb172d0c', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__capture_update.sql', '23c795aea0bde4e04170de9b05b89f836cac772cdb6683983736f2b3cfe5a9de', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__direction.sql', 'c7c2d9d5e5b042cbc0a57f4c2b6fbeb3f2d2736bd9f73cf6e12a1d59ff8d8e8c', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__history.sql', '5bf5015f4f0051598ebd70ab91ce99b00c8d3c26e213e61f7a17b0f53ade5dec', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/stock_movements__truncate.sql', '695958fb2e9f14696bfc64a2a83bbd7094bfc45ba4461d8c80872bd4f148a1fd', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_file VALUES ('triggers/transaction_types__guard.sql', '3756aa73b380491a9cbc4ce3e0d6072158e38636014483336ab6255136c431ca', '2026-11-21 07:05:25.415287+00');
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync._unsettled', '182c161d014354433ea009e911c4f91c', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync._journal', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.movement_history', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('view', 'stocksync.drift', 'e4900d402e22b24960e8b512f595bb09', 'views/drift.sql');
INSERT INTO stocksync.deployed_object VALUES ('view', 'stocksync.stock_by_location', '7f157d53dcdc0a0853d64c4eaae8b58f', 'views/stock_by_location.sql');
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.products', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.locations', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.transaction_types', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'public.stock_movements', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('view', 'public.stock_on_hand', 'e511ffb5fd83fa3f66f9b1584e3e064a', 'views/stock_on_hand.sql');
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.installation', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.deployed_file', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.deployed_object', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('type', 'stocksync._line', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.stock_daily', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.stock_total', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.settings', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.runs', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.incidents', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('table', 'stocksync.log', '1dffa0a7cccd065d34a5c65b9cd86a41', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._unsettled.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._unsettled.xid', '425cc0a0c3127d0e3958f10eebfbb635', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._unsettled.lines', '3511e5c0ef70ffe77778fc3ed518f027', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._journal.lines', '3511e5c0ef70ffe77778fc3ed518f027', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._journal.is_settled', '3723038a0a664504325482fc7ed76b8b', NULL);
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
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.locations.id', '1da0563262d2e0919667a29bbaa1f2ea', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.locations.name', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.transaction_types.name', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.transaction_types.movement_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'public.transaction_types.description', 'd0d6aa56b2a8431ed28558989ed3f343', NULL);
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
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.installation.only_row', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.installation.version', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.installation.deployed_at', '1516a5c298d3541ccbcfec92701eb600', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.installation.to_do', 'ba811ccc8630a5a77ecb78431c9f7f35', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_file.path', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_file.sha256', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_file.deployed_at', '1516a5c298d3541ccbcfec92701eb600', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_object.kind', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_object.identity', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_object.md5', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.deployed_object.path', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.product_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.day', '9d136afdf0c1b3e864653c98da9c49c9', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.transaction_type', '7a4276e5ebba1adc1160ccd345638686', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.quantity', 'c8b7d2d6d587b3c9f767b77c9928fcf3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync._line.movements', '65a2a535b8c9147bda3a8181a2e28f10', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.day', '4b207b895e219cac340c8eddb8f5c157', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.transaction_type', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_daily.movements', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.location_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.quantity', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.stock_total.movements', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.only_row', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.allow_negative', '7ed03ba02588447e985a97022dad5599', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.manual_updates', '1a4078f14c4cf9a51283bbc07a1623e7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.settings.time_zone', '7b55533d11f1f96846b32adfee2c0988', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.command', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.options', 'c101ff01049de4b5b0dd1e08c07d169f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.actor', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.started_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.finished_at', '0e4855e3fcf9078fc2551a3358f94fd1', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.products_corrected', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.runs.products_failed', '8afce886f97b1df0d0df21557d752c75', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.run_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.product_id', 'af8ef6ea607c00d3c950525922d240de', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.found_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.class', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.before', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.incidents.after', '2d6ff093183d93559985e5291dde18e6', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.id', '136067103d87cbfde481da81a80078a3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.logged_at', '110eaff2d360149d6cb0d2776ae41dbb', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.level', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.message', '4f1706c6e0c2c4f25261aacb0257830d', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.product_id', '23db1683d05c31a67f12351badedd3b8', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.actor', '8e6950b1cae73c00dc038a5a88987002', NULL);
INSERT INTO stocksync.deployed_object VALUES ('column', 'stocksync.log.context', 'c101ff01049de4b5b0dd1e08c07d169f', NULL);
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
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_manual_updates_known on stocksync.settings', 'b71f442e539a5dc5867267c9739957e3', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'settings_pkey on stocksync.settings', 'aab395939e50401e591781cb671fc985', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'movement_history_operation_known on stocksync.movement_history', '9ee0a767a74de95b288e3c2a130661e7', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'movement_history_pkey on stocksync.movement_history', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'log_level_known on stocksync.log', 'feeac71ed0da9726a85ef020712b0258', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'log_pkey on stocksync.log', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'runs_pkey on stocksync.runs', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'incidents_class_known on stocksync.incidents', 'b18bc18eb75c3c3e9ac00e07ba29aa31', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'incidents_pkey on stocksync.incidents', '980e144b57f4204d6cfb37242964d39f', NULL);
INSERT INTO stocksync.deployed_object VALUES ('constraint', 'incidents_run_exists on stocksync.incidents', 'dd6b982368a0a1ed85eca1df018b3de2', NULL);
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
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_settle on stocksync._journal', 'd6b29e2e854f3f1741d7a915f6c83c69', 'triggers/_journal__settle.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_settle on stocksync._unsettled', '5d50fe501af92fc92f069e6dafdfa727', 'triggers/_unsettled__settle.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_correct on stocksync.incidents', '02bb0a0746a5056e1eb1cc2e9d1de063', 'triggers/incidents__correct.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_guard_insert on public.products', '98b21ea57e19e9c605fb9583040ff023', 'triggers/products__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_guard_update on public.products', 'c4cde0d879cf6ebab53b86fd2acbfab2', 'triggers/products__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_identity_of_update on public.products', '0d2e4ddadcfb35364839464f0338574b', 'triggers/products__identity.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_identity_of_delete on public.products', '95572c5cfbdb5e234aaa5d38dd54717f', 'triggers/products__identity.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_identity_of_truncate on public.products', 'b7c8080bae9c42b9164b970fd3614bd4', 'triggers/products__identity.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_delete on stocksync.settings', 'f1b94da43963c186a4d9b8980d1ee7c6', 'triggers/settings__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_truncate on stocksync.settings', '302af693475ab9d5daa5bd3323d7c0d9', 'triggers/settings__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_time_zone on stocksync.settings', '16face6f024379ba985e426a408f541a', 'triggers/settings__time_zone.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_capture_delete on public.stock_movements', 'a9fa8dae09373b0937e616f93d7ebe40', 'triggers/stock_movements__capture_delete.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_capture_insert on public.stock_movements', '010919b6b2fdbdc2b08cc168de64bb90', 'triggers/stock_movements__capture_insert.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_capture_update on public.stock_movements', '8c3e2aae6a09d4c8854690d5f706d81e', 'triggers/stock_movements__capture_update.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_direction on public.stock_movements', '2f020eafe04d3dfc43fc6cca6b6b9ad7', 'triggers/stock_movements__direction.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_history_of_update on public.stock_movements', 'c91adb96d43eb280ec3aa924f95e75a3', 'triggers/stock_movements__history.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_history_of_delete on public.stock_movements', '9a5877a9e90a921d59bdc59eff5a4138', 'triggers/stock_movements__history.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_500_truncate on public.stock_movements', '4bef125b2a6c6bced4c3dff70905deb0', 'triggers/stock_movements__truncate.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_update on public.transaction_types', '954d1e7b4ef5333613ca8629c47debc0', 'triggers/transaction_types__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_delete on public.transaction_types', '9fe6a6a7c92fadd61071dee7c55d5df1', 'triggers/transaction_types__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('trigger', '_100_guard_truncate on public.transaction_types', '83282fed28de2989fa073b154fb410e9', 'triggers/transaction_types__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._as_jsonb(text)', 'a583b483eb2745cd071114a05dd209b1', 'functions/_as_jsonb.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.lock_products(bigint[])', 'add049c4a872ec5e67e489b6a0177e9e', 'functions/lock_products.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._as_timestamptz(text,text)', '6cd31bd605fd6d65ce878e5ab88fdb65', 'functions/_as_timestamptz.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._is_application()', 'f9b478a9123afb10270a8676b7f907e3', 'functions/_is_application.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_settings__guard()', '1dfdb976d9c222da1db95d30b0ae6513', 'triggers/settings__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._record_objects()', 'fb728575d783fa8b31abc6eb5af3f2d6', 'functions/_record_objects.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._accept_drift()', '770ce0ae8684cb6a7dde89cced5e4557', 'functions/_accept_drift.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._finish_deployment(text,text[])', 'ef5ad3c005bd8a85c58e00b16f0629e0', 'functions/_finish_deployment.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._capture(stocksync._line[])', '27a8355b3ff23124e4953ae68a2d5d34', 'functions/_capture.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuse_negative(public.products,numeric)', 'a1f7d94faa0084fd0e95bd74eeb60f05', 'functions/_refuse_negative.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._check_reversal(public.stock_movements)', 'e614b53e8dd087f1da11c422d8dc7017', 'functions/_check_reversal.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._check_type(text,text)', '3874480f01091e020a53a84c1d0f52f0', 'functions/_check_type.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._log_changed_movements(text,bigint[])', '09b900f2522f9cbc1dc4f34878a9cdbd', 'functions/_log_changed_movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._refuse_orphans(bigint)', '1ef73e75728b6bf22fa532824f4a1b8d', 'functions/_refuse_orphans.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._settle()', 'a07073bee4fee3a5d04c7cf103828bfd', 'functions/_settle.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._write_log(text,text,bigint,jsonb)', '029b3f303fae86a91365254ce004a77b', 'functions/_write_log.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.grant_roles()', '973cdfd59c9bbf33a0f134652a7c7628', 'functions/grant_roles.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__capture_delete()', 'fab804896a359d4ee6955cb037b76597', 'triggers/stock_movements__capture_delete.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_products__identity()', '1c0a1ee6a24218db00f219fa652a9965', 'triggers/products__identity.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_transaction_types__guard()', 'cca07d67c55520a15098acc35333590a', 'triggers/transaction_types__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_incidents__correct()', 'db0dc5b07f469d3ccb1ef9fef7b2bc03', 'triggers/incidents__correct.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_products__guard()', '50f4114eab45332918e5e331c1b6f3ba', 'triggers/products__guard.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_settings__time_zone()', '505a2e3426d0e4b2fc3ba5269e4a0ff9', 'triggers/settings__time_zone.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__capture_insert()', '43e6c7f57918df1efa2ea8205da5bc23', 'triggers/stock_movements__capture_insert.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__capture_update()', 'f2a252e1c55e704295d0f4af1064a833', 'triggers/stock_movements__capture_update.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__direction()', '6bab25d9b1a438972bee5797e455bf8b', 'triggers/stock_movements__direction.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__history()', '228d081cd373dec330dab7d8f9a3c950', 'triggers/stock_movements__history.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.tg_stock_movements__truncate()', '193e8252280a1b95710f8670158ca1a8', 'triggers/stock_movements__truncate.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.record_movement(bigint,text,numeric,text,bigint,timestamp with time zone,numeric,text,text,text,jsonb)', '3faf7bbc7f499a222a2c4c89e0a09edb', 'functions/record_movement.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.reverse_movement(bigint,text)', '55f2ee888c49ba62c2a25812f2aed0ff', 'functions/reverse_movement.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.product_id(text)', '8a56f833cbc99ef0ca9e056db705be02', 'functions/product_id.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.stock(text,numeric)', '221750c4fdbbe186a07200ca380e6d2d', 'functions/stock.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.use_shop_time()', 'b8c19782af3600de9ac64639d4d18aea', 'functions/use_shop_time.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.movements(text,bigint)', 'f86483a00cd401f973da5af0c40cf67c', 'functions/movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.explain(text)', '04e14bb4a641c466c733449616aa5e90', 'functions/explain.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.read_log(text,bigint)', '88c1a78bfdac1c00ce64b4d5e1670a9a', 'functions/read_log.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.corrections(bigint)', '5f5665925680541c5b07c1122ba369c6', 'functions/corrections.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.failed_corrections(bigint)', 'e19c37d091cf9d6f7074ce1e52abe447', 'functions/failed_corrections.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.sync_dry_run(bigint,timestamp with time zone,boolean)', '002da3888c70db2e69a28ce0af5f0e15', 'functions/sync_dry_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.check_scope(bigint,timestamp with time zone)', 'f55c119be12d7283bb22f8854daf4135', 'functions/check_scope.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.discrepancies(bigint[],timestamp with time zone,boolean)', '480d085ed3301aaf114dac5ade171659', 'functions/discrepancies.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._roll_up_differences(bigint[])', 'b4ffa117118d3ef2af18818647b66cb2', 'functions/_roll_up_differences.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.live_object()', '33a235caf4a8f53c0b11acf60c5748ef', 'functions/live_object.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.doctor()', 'b5a6ccde73ac812bb65483ff2bddced3', 'functions/doctor.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.roll_up()', '8233a0dbc9087a7e6782827f70baff9b', 'functions/roll_up.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._lock_key(text)', 'cee0ff88192cbd9bf932b718cc8b62dc', 'functions/_lock_key.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._start_run(text,bigint,timestamp with time zone,boolean)', '5308ff62814dbc000428a49280fab0be', 'functions/_start_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._correct(bigint,bigint[],timestamp with time zone,boolean)', 'e1ea65082405081af86e0e94d7016de2', 'functions/_correct.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._finish_run(bigint)', '69a1c6814010a53f625de8b21f2c8a16', 'functions/_finish_run.sql');
INSERT INTO stocksync.deployed_object VALUES ('procedure', 'stocksync.sync(bigint,bigint,timestamp with time zone,boolean)', 'f997d567b35d8555955baea4bfa2d96a', 'procedures/sync.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_columns(text)', 'b55ba6820fa70def2023bb8a6781cb70', 'functions/import_columns.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.stage_import(text,text[])', '3c30f32a5fd3fe212c1125109cd9df4a', 'functions/stage_import.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_problems(text,boolean)', '7353265c5781a8fdb5190b89c3c8c965', 'functions/import_problems.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_products(text,boolean)', 'cc0ee507abe0ae5d45afda8c1f8a945d', 'functions/import_products.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._as_boolean(text)', 'a57e5bae22cb84efcd411c282d9a2a5a', 'functions/_as_boolean.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync.import_movements(text,boolean)', '14ed10300247f7fd3dcec8f0d535ab7a', 'functions/import_movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._product_problems()', '824e830ff7be235b6d2bd6119ad518c1', 'functions/_product_problems.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._movement_problems(boolean)', '7a633c104dc8699a0c3d9d936b1ee93f', 'functions/_movement_problems.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._key_problems()', '5c92d744e3e606ce4bb6a2a4adc69a3d', 'functions/_key_problems.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._read_movements()', 'e03e588c10a25a76ee10f3841ff999ae', 'functions/_read_movements.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._as_numeric(text)', '71d9ee76841aa5c210101df2b7b4263e', 'functions/_as_numeric.sql');
INSERT INTO stocksync.deployed_object VALUES ('function', 'stocksync._record_import(text,text,timestamp with time zone,jsonb)', 'dc76ee62056e7f8a58ee1477ddbd676a', 'functions/_record_import.sql');
INSERT INTO stocksync.incidents OVERRIDING SYSTEM VALUE VALUES (1, 1, 2, '2026-11-21 07:05:25.718175+00', 'quantity_on_hand', 7, 297.25);
INSERT INTO stocksync.installation VALUES (true, '0.1.0', '2026-11-21 07:05:25.415287+00', '{}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-21 07:05:25.680063+00', 'warning', 'time zone changed', NULL, 'postgres', '{"after": "Asia/Tokyo", "before": "UTC"}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (2, '2026-11-21 07:05:25.700086+00', 'warning', 'movements updated', NULL, 'postgres', '{"movements": 1, "first_movement_ids": [11]}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (3, '2026-11-21 07:05:25.705579+00', 'warning', 'movements deleted', NULL, 'postgres', '{"movements": 1, "first_movement_ids": [12]}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (4, '2026-11-21 07:05:25.706896+00', 'warning', 'manual update of stock', 2, 'postgres', '{"sku": "B", "new_stock": 7, "new_total": 297.25, "old_stock": 297.25, "old_total": 297.25}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (5, '2026-11-21 07:05:25.71072+00', 'info', 'stock synchronization started', NULL, 'postgres', '{"run": 1, "force": false}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (6, '2026-11-21 07:05:25.718785+00', 'info', 'product stock updated', 2, 'postgres', '{"run": 1, "sku": "B", "name": "Banana \"ripe\"", "differs": ["quantity_on_hand"], "new_stock": 297.25, "old_stock": 7, "difference": 290.25}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (7, '2026-11-21 07:05:25.719358+00', 'warning', 'stock synchronization completed', NULL, 'postgres', '{"run": 1, "seconds": 0.008719, "products_failed": 0, "products_corrected": 1}');
INSERT INTO stocksync.log OVERRIDING SYSTEM VALUE VALUES (8, '2026-11-21 07:05:25.720053+00', 'warning', 'manual update of stock', 1, 'postgres', '{"sku": "A", "new_stock": 282.75, "new_total": 8, "old_stock": 282.75, "old_total": 282.75}');
INSERT INTO stocksync.movement_history OVERRIDING SYSTEM VALUE VALUES (1, '2026-11-21 07:05:25.698557+00', 'postgres', 'update', 11, 3, 2, 'in', 'purchase', 11.25, '2026-02-02 05:00:00+00', '2026-11-21 07:05:25.623011+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO stocksync.movement_history OVERRIDING SYSTEM VALUE VALUES (2, '2026-11-21 07:05:25.705084+00', 'postgres', 'delete', 12, 1, NULL, 'out', 'sale', 12.25, '2026-02-02 08:00:00+00', '2026-11-21 07:05:25.623019+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO stocksync.runs OVERRIDING SYSTEM VALUE VALUES (1, 'sync', '{"force": false}', 'postgres', '2026-11-21 07:05:25.710458+00', '2026-11-21 07:05:25.719177+00', 1, 0);
INSERT INTO stocksync.settings VALUES (true, true, 'warn', 'Asia/Tokyo');
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-04', 'purchase', 78.75, 3);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-08', 'purchase', 113.5, 2);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-04', 'purchase', 25.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-07', 'purchase', 150.75, 3);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-05', 'purchase', 102.75, 3);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-04', 'purchase', 57.5, 2);
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
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-08', 'sale', -60.25, 1);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-02', 'sale', -12.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-02', 'purchase', 30.75, 3);
INSERT INTO stocksync.stock_daily VALUES (1, NULL, '2026-02-02', 'purchase', 9.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-05', 'sale', -32.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-06', 'purchase', 41.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-05', 'purchase', 73.5, 2);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-06', 'sale', -44.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-02', 'sale', -8.25, 1);
INSERT INTO stocksync.stock_daily VALUES (2, 1, '2026-02-07', 'sale', -52.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-03', 'sale', -20.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-03', 'purchase', 17.25, 1);
INSERT INTO stocksync.stock_daily VALUES (3, 2, '2026-02-02', 'purchase', 25.5, 2);
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
INSERT INTO stocksync.stock_total VALUES (3, 2, 292.5, 20);
INSERT INTO stocksync.stock_total VALUES (2, 1, 312.5, 20);
INSERT INTO stocksync.stock_total VALUES (1, NULL, 272.5, 20);
SELECT pg_catalog.setval('public.locations_id_seq', 2, true);
SELECT pg_catalog.setval('public.products_id_seq', 3, true);
SELECT pg_catalog.setval('public.stock_movements_id_seq', 63, true);
SELECT pg_catalog.setval('stocksync._unsettled_id_seq', 1, false);
SELECT pg_catalog.setval('stocksync.incidents_id_seq', 1, true);
SELECT pg_catalog.setval('stocksync.log_id_seq', 8, true);
SELECT pg_catalog.setval('stocksync.movement_history_id_seq', 2, true);
SELECT pg_catalog.setval('stocksync.runs_id_seq', 1, true);
ALTER TABLE ONLY public.locations
    ADD CONSTRAINT locations_name_key UNIQUE (name);
ALTER TABLE ONLY public.locations
    ADD CONSTRAINT locations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_sku_key UNIQUE (sku);
ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.transaction_types
    ADD CONSTRAINT transaction_types_pkey PRIMARY KEY (name);
ALTER TABLE ONLY stocksync._yoyo_log
    ADD CONSTRAINT _yoyo_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync._yoyo_migration
    ADD CONSTRAINT _yoyo_migration_pkey PRIMARY KEY (migration_hash);
ALTER TABLE ONLY stocksync._yoyo_version
    ADD CONSTRAINT _yoyo_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY stocksync.deployed_file
    ADD CONSTRAINT deployed_file_pkey PRIMARY KEY (path);
ALTER TABLE ONLY stocksync.deployed_object
    ADD CONSTRAINT deployed_object_pkey PRIMARY KEY (kind, identity);
ALTER TABLE ONLY stocksync.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY stocksync.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.movement_history
    ADD CONSTRAINT movement_history_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY stocksync.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY stocksync.stock_daily
    ADD CONSTRAINT stock_daily_key UNIQUE NULLS NOT DISTINCT (product_id, day, transaction_type, location_id);
ALTER TABLE ONLY stocksync.stock_total
    ADD CONSTRAINT stock_total_key UNIQUE NULLS NOT DISTINCT (product_id, location_id);
ALTER TABLE ONLY stocksync.yoyo_lock
    ADD CONSTRAINT yoyo_lock_pkey PRIMARY KEY (locked);
CREATE UNIQUE INDEX stock_movements_idempotency_key_idx ON public.stock_movements USING btree (idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX stock_movements_location_id_idx ON public.stock_movements USING btree (location_id) WHERE (location_id IS NOT NULL);
CREATE INDEX stock_movements_product_id_occurred_at_idx ON public.stock_movements USING btree (product_id, occurred_at);
CREATE UNIQUE INDEX stock_movements_reverses_id_idx ON public.stock_movements USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);
CREATE INDEX _unsettled_xid_id_idx ON stocksync._unsettled USING btree (xid, id);
CREATE INDEX incidents_product_id_idx ON stocksync.incidents USING btree (product_id);
CREATE INDEX incidents_run_id_idx ON stocksync.incidents USING btree (run_id);
CREATE INDEX log_logged_at_idx ON stocksync.log USING btree (logged_at);
CREATE INDEX log_product_id_idx ON stocksync.log USING btree (product_id) WHERE (product_id IS NOT NULL);
CREATE INDEX movement_history_movement_id_idx ON stocksync.movement_history USING btree (movement_id);
CREATE TRIGGER _100_direction BEFORE INSERT ON public.stock_movements FOR EACH ROW WHEN ((new.movement_type IS NULL)) EXECUTE FUNCTION stocksync.tg_stock_movements__direction();
COMMENT ON TRIGGER _100_direction ON public.stock_movements IS 'Fills movement_type where it was left out.';
CREATE TRIGGER _100_guard_delete BEFORE DELETE ON public.transaction_types FOR EACH ROW EXECUTE FUNCTION stocksync.tg_transaction_types__guard();
COMMENT ON TRIGGER _100_guard_delete ON public.transaction_types IS 'Keeps a type that has movements.';
CREATE TRIGGER _100_guard_truncate BEFORE TRUNCATE ON public.transaction_types FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_transaction_types__guard();
COMMENT ON TRIGGER _100_guard_truncate ON public.transaction_types IS 'Keeps the types while there are movements.';
CREATE TRIGGER _100_guard_update BEFORE UPDATE OF name, movement_type ON public.transaction_types FOR EACH ROW WHEN (((old.name <> new.name) OR (old.movement_type <> new.movement_type))) EXECUTE FUNCTION stocksync.tg_transaction_types__guard();
COMMENT ON TRIGGER _100_guard_update ON public.transaction_types IS 'Keeps name and direction of a type that has movements.';
CREATE TRIGGER _100_identity_of_update AFTER UPDATE OF id ON public.products FOR EACH ROW WHEN ((old.id <> new.id)) EXECUTE FUNCTION stocksync.tg_products__identity();
COMMENT ON TRIGGER _100_identity_of_update ON public.products IS 'Keeps the number of a product.';
CREATE TRIGGER _500_capture_delete AFTER DELETE ON public.stock_movements REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_stock_movements__capture_delete();
COMMENT ON TRIGGER _500_capture_delete ON public.stock_movements IS 'Sums what a delete takes away, for settle to apply at commit.';
CREATE TRIGGER _500_capture_insert AFTER INSERT ON public.stock_movements REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_stock_movements__capture_insert();
COMMENT ON TRIGGER _500_capture_insert ON public.stock_movements IS 'Sums what an insert adds, for settle to apply at commit.';
CREATE TRIGGER _500_capture_update AFTER UPDATE ON public.stock_movements REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_stock_movements__capture_update();
COMMENT ON TRIGGER _500_capture_update ON public.stock_movements IS 'Sums what an update changes, for settle to apply at commit.';
CREATE TRIGGER _500_guard_insert AFTER INSERT ON public.products FOR EACH ROW WHEN (((pg_trigger_depth() = 0) OR (NOT has_table_privilege(('stocksync._journal'::regclass)::oid, 'insert'::text)))) EXECUTE FUNCTION stocksync.tg_products__guard();
COMMENT ON TRIGGER _500_guard_insert ON public.products IS 'Notices a product that is inserted with stock it has no movements for.';
CREATE TRIGGER _500_guard_update AFTER UPDATE ON public.products FOR EACH ROW WHEN (((pg_trigger_depth() = 0) OR (NOT has_table_privilege(('stocksync._journal'::regclass)::oid, 'insert'::text)))) EXECUTE FUNCTION stocksync.tg_products__guard();
COMMENT ON TRIGGER _500_guard_update ON public.products IS 'Notices a manual change of the stock.';
CREATE TRIGGER _500_history_of_delete AFTER DELETE ON public.stock_movements FOR EACH ROW EXECUTE FUNCTION stocksync.tg_stock_movements__history();
COMMENT ON TRIGGER _500_history_of_delete ON public.stock_movements IS 'Keeps the old version of a deleted movement.';
CREATE TRIGGER _500_history_of_update AFTER UPDATE ON public.stock_movements FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION stocksync.tg_stock_movements__history();
COMMENT ON TRIGGER _500_history_of_update ON public.stock_movements IS 'Keeps the old version of an updated movement.';
CREATE TRIGGER _500_identity_of_delete AFTER DELETE ON public.products FOR EACH STATEMENT EXECUTE FUNCTION stocksync.tg_products__identity();
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
CREATE CONSTRAINT TRIGGER _500_settle AFTER INSERT ON stocksync._journal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stocksync._settle();
COMMENT ON TRIGGER _500_settle ON stocksync._journal IS 'Settles the transaction at its end, from the first statement''s own row.';
CREATE CONSTRAINT TRIGGER _500_settle AFTER INSERT ON stocksync._unsettled DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stocksync._settle();
COMMENT ON TRIGGER _500_settle ON stocksync._unsettled IS 'Settles what the trigger on the journal has not taken along: statements after SET CONSTRAINTS ... IMMEDIATE.';
CREATE TRIGGER _500_time_zone AFTER UPDATE OF time_zone ON stocksync.settings FOR EACH ROW WHEN ((old.time_zone <> new.time_zone)) EXECUTE FUNCTION stocksync.tg_settings__time_zone();
COMMENT ON TRIGGER _500_time_zone ON stocksync.settings IS 'Counts all days of the roll-up anew when the time zone changes.';
ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_location_exists FOREIGN KEY (location_id) REFERENCES public.locations(id);
ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_product_exists FOREIGN KEY (product_id) REFERENCES public.products(id);
ALTER TABLE ONLY public.stock_movements
    ADD CONSTRAINT stock_movements_reversed_exists FOREIGN KEY (reverses_id) REFERENCES public.stock_movements(id);
ALTER TABLE ONLY stocksync.incidents
    ADD CONSTRAINT incidents_run_exists FOREIGN KEY (run_id) REFERENCES stocksync.runs(id);
GRANT USAGE ON SCHEMA stocksync TO stocksync_app;
GRANT USAGE ON SCHEMA stocksync TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._accept_drift() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._as_boolean(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._as_boolean(p_text text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._as_jsonb(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._as_jsonb(p_text text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._as_numeric(p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._as_numeric(p_text text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._as_timestamptz(p_text text, p_time_zone text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._as_timestamptz(p_text text, p_time_zone text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._capture(p_lines stocksync._line[]) FROM PUBLIC;
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
REVOKE ALL ON FUNCTION stocksync._check_reversal(p_reversal public.stock_movements) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._check_type(p_transaction_type text, p_movement_type text) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._correct(p_run_id bigint, p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._correct(p_run_id bigint, p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._finish_deployment(p_version text, p_paths text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._finish_run(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._finish_run(p_run_id bigint) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._is_application() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._key_problems() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._key_problems() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._lock_key(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._lock_key(p_name text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._log_changed_movements(p_message text, p_movement_ids bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._movement_problems(p_create_products boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._movement_problems(p_create_products boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._product_problems() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._product_problems() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._read_movements() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._read_movements() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._record_import(p_kind text, p_file text, p_started_at timestamp with time zone, p_counts jsonb) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._record_objects() FROM PUBLIC;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.products TO stocksync_app;
GRANT SELECT ON TABLE public.products TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._refuse_negative(p_product public.products, p_delta numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._refuse_orphans(p_product_id bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._roll_up_differences(p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._roll_up_differences(p_product_ids bigint[]) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync._settle() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync._start_run(p_command text, p_product_id bigint, p_since timestamp with time zone, p_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync._start_run(p_command text, p_product_id bigint, p_since timestamp with time zone, p_force boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync._write_log(p_level text, p_message text, p_product_id bigint, p_context jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.check_scope(p_product_id bigint, p_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.check_scope(p_product_id bigint, p_since timestamp with time zone) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.corrections(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.corrections(p_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.discrepancies(p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.discrepancies(p_product_ids bigint[], p_since timestamp with time zone, p_force boolean) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.doctor() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.doctor() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.explain(p_sku text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.explain(p_sku text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.failed_corrections(p_run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.failed_corrections(p_run_id bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.grant_roles() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.import_columns(p_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_columns(p_kind text) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.import_movements(p_file text, p_create_products boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_movements(p_file text, p_create_products boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.import_problems(p_kind text, p_create_products boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_problems(p_kind text, p_create_products boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.import_products(p_file text, p_update boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.import_products(p_file text, p_update boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.live_object() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.live_object() TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.lock_products(p_product_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.lock_products(p_product_ids bigint[]) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync.movements(p_sku text, p_limit bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.movements(p_sku text, p_limit bigint) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.movements(p_sku text, p_limit bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.product_id(p_sku text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.product_id(p_sku text) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.product_id(p_sku text) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.read_log(p_level text, p_limit bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.read_log(p_level text, p_limit bigint) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.record_movement(p_product_id bigint, p_transaction_type text, p_quantity numeric, p_idempotency_key text, p_location_id bigint, p_occurred_at timestamp with time zone, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.record_movement(p_product_id bigint, p_transaction_type text, p_quantity numeric, p_idempotency_key text, p_location_id bigint, p_occurred_at timestamp with time zone, p_unit_cost numeric, p_reference text, p_user_id text, p_notes text, p_metadata jsonb) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync.reverse_movement(p_movement_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.reverse_movement(p_movement_id bigint, p_reason text) TO stocksync_app;
REVOKE ALL ON FUNCTION stocksync.roll_up() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.roll_up() TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.stage_import(p_kind text, p_columns text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.stage_import(p_kind text, p_columns text[]) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.stock(p_sku text, p_below numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.stock(p_sku text, p_below numeric) TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.stock(p_sku text, p_below numeric) TO stocksync_auditor;
REVOKE ALL ON PROCEDURE stocksync.sync(INOUT p_run_id bigint, IN p_product_id bigint, IN p_since timestamp with time zone, IN p_force boolean) FROM PUBLIC;
GRANT ALL ON PROCEDURE stocksync.sync(INOUT p_run_id bigint, IN p_product_id bigint, IN p_since timestamp with time zone, IN p_force boolean) TO stocksync_operator;
REVOKE ALL ON FUNCTION stocksync.sync_dry_run(p_product_id bigint, p_since timestamp with time zone, p_force boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.sync_dry_run(p_product_id bigint, p_since timestamp with time zone, p_force boolean) TO stocksync_auditor;
REVOKE ALL ON FUNCTION stocksync.tg_incidents__correct() FROM PUBLIC;
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
REVOKE ALL ON FUNCTION stocksync.tg_transaction_types__guard() FROM PUBLIC;
REVOKE ALL ON FUNCTION stocksync.use_shop_time() FROM PUBLIC;
GRANT ALL ON FUNCTION stocksync.use_shop_time() TO stocksync_app;
GRANT ALL ON FUNCTION stocksync.use_shop_time() TO stocksync_auditor;
GRANT SELECT,INSERT,UPDATE ON TABLE public.locations TO stocksync_app;
GRANT SELECT ON TABLE public.locations TO stocksync_auditor;
GRANT USAGE ON SEQUENCE public.locations_id_seq TO stocksync_app;
GRANT USAGE ON SEQUENCE public.products_id_seq TO stocksync_app;
GRANT USAGE ON SEQUENCE public.stock_movements_id_seq TO stocksync_app;
GRANT SELECT ON TABLE public.stock_on_hand TO stocksync_app;
GRANT SELECT ON TABLE public.stock_on_hand TO stocksync_auditor;
GRANT SELECT ON TABLE public.transaction_types TO stocksync_app;
GRANT SELECT ON TABLE public.transaction_types TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._journal TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._unsettled TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._yoyo_log TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._yoyo_migration TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync._yoyo_version TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.deployed_file TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.deployed_object TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.drift TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.incidents TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.installation TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.log TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.movement_history TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.runs TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.settings TO stocksync_app;
GRANT SELECT ON TABLE stocksync.settings TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.stock_total TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.stock_by_location TO stocksync_app;
GRANT SELECT ON TABLE stocksync.stock_by_location TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.stock_daily TO stocksync_auditor;
GRANT SELECT ON TABLE stocksync.yoyo_lock TO stocksync_auditor;
