-- The log, as people ask for it: its own entries and, from the ledger itself, the creation of each
-- movement, in the order of their times.
--
-- What it costs does not follow the history. The newest movements are all recorded at or after the
-- oldest of those with the highest ids: ids are only nearly in that order, so they give the bound,
-- and what is within it is sorted by time.

create or replace function stocksync.read_log(
    p_level text default null,
    p_limit bigint default 50,
    p_grep text default null,
    p_since timestamptz default null,
    p_product_id bigint default null,
    p_run_id bigint default null
)
returns table (
    logged_at timestamptz,
    level text,
    message text,
    sku text,
    actor text,
    context jsonb,
    log_id bigint
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- Which index serves depends on the arguments: a plan for all of them would read the whole ledger.
set plan_cache_mode = force_custom_plan
as $function$
declare
    v_levels constant text[] := '{info,warning,error,critical}';
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
                and (p_level is null or g.level = any (v_levels[array_position(v_levels, p_level) :]))
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
$function$;

comment on function stocksync.read_log(text, bigint, text, timestamptz, bigint, bigint) is
    'The last p_limit entries of the log (null: all), oldest first, with the creation of each movement among them as level "info". p_level: "info", "warning", "error" or "critical", this one and those above. p_grep: entries whose message, sku or context (key=value) contains this text, upper or lower case; without p_since or p_product_id it looks through the movements of the last day. p_since: not before. p_product_id: about this product. p_run_id: what this run wrote, no movements. log_id is the number in stocksync.log, null for a movement. Raises invalid_parameter_value for an unknown level.';
