-- Who may do what, in one place. Runs after every deployment, because an object that was made anew
-- has lost its grants.

create or replace function stocksync.grant_roles()
returns setof text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
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
            (11, 'stocksync_auditor', 'execute on function stocksync.product_id(text), stocksync.stock(text, numeric), stocksync.movements(text, bigint), stocksync.explain(text), stocksync.corrections(bigint), stocksync.failed_corrections(bigint), stocksync.findings(bigint), stocksync.run_cost(bigint), stocksync.sync_dry_run(bigint, timestamptz, boolean), stocksync.use_shop_time(), stocksync.check_scope(bigint, timestamptz), stocksync.discrepancies(bigint[], timestamptz, boolean), stocksync._roll_up_differences(bigint[]), stocksync._daily_totals(bigint[]), stocksync.live_object(), stocksync.doctor(), stocksync._shop_day(), stocksync.report_as_of(text), stocksync.report_stock(text, numeric, bigint), stocksync.report_trends(text, text), stocksync.report_movers(text, text, boolean, bigint), stocksync.read_log(text, bigint, text, timestamptz, bigint, bigint), stocksync.follow_log(jsonb), stocksync.schedule_status(), stocksync.pg_cron_statements(text)'),
            -- An operator runs and corrects, and is application and auditor too.
            (12, 'stocksync_operator', 'stocksync_app'),
            (13, 'stocksync_operator', 'stocksync_auditor'),
            (14, 'stocksync_operator', 'execute on function stocksync.fold(), stocksync.roll_up(), stocksync._lock_key(text), stocksync._start_refresh(), stocksync._continue_run(bigint), stocksync._record_step(bigint, text, jsonb), stocksync._record_found(bigint, bigint), stocksync._record_findings(bigint), stocksync._suspects(), stocksync._refresh_views(), stocksync._tidy(), stocksync._start_run(text, bigint, timestamptz, boolean), stocksync._correct(bigint, bigint[], timestamptz, boolean), stocksync._finish_run(bigint)'),
            (15, 'stocksync_operator', 'execute on procedure stocksync.sync(bigint, bigint, timestamptz, boolean), stocksync.refresh(bigint), stocksync.audit(bigint), stocksync._correct_all(bigint, bigint[], timestamptz, boolean)'),
            (16, 'stocksync_operator', 'execute on function stocksync.import_columns(text), stocksync.stage_import(text, text[]), stocksync.import_problems(text, boolean), stocksync.import_products(text, boolean), stocksync.import_movements(text, boolean), stocksync._product_problems(), stocksync._movement_problems(boolean), stocksync._key_problems(), stocksync._read_movements(), stocksync._as_boolean(text), stocksync._as_jsonb(text), stocksync._as_numeric(text), stocksync._as_timestamptz(text, text), stocksync._record_import(text, text, timestamptz, jsonb)'),
            (31, 'stocksync_auditor', 'execute on function stocksync.alert_conditions(timestamptz), stocksync.read_alerts(boolean), stocksync.metrics(), stocksync._doctor_alerts(), stocksync._doctor_objects(), stocksync._doctor_operation(), stocksync._doctor_privileges(), stocksync._doctor_schedule(), stocksync._doctor_server(), stocksync._live_grants()'),
            (32, 'stocksync_operator', 'execute on function stocksync.raise_alerts(timestamptz), stocksync.take_alerts(text, timestamptz), stocksync.alerts_sent(text, bigint, text, interval, timestamptz)'),
            (17, 'stocksync_auditor', 'execute on function stocksync.list_jobs(text, bigint), stocksync.show_job(bigint), stocksync.list_schedules()'),
            (18, 'stocksync_operator', 'execute on procedure stocksync.run_job(bigint, text)'),
            (19, 'stocksync_operator', 'execute on function stocksync.enqueue(text, bigint, timestamptz, boolean, timestamptz), stocksync.enqueue_scheduled(text, timestamptz), stocksync.retry_job(bigint), stocksync.retry_failed_jobs(), stocksync.cancel_job(bigint), stocksync.tick(text), stocksync.use_job_timeout(), stocksync.fail_job(bigint, bigint, text, text), stocksync.release_job(bigint, bigint), stocksync.reap_jobs(interval, interval), stocksync._take_job(text), stocksync._finish_job(bigint, bigint, bigint), stocksync._reject_schedule(text, text)')
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
$function$;

comment on function stocksync.grant_roles() is
    'Creates the roles stocksync_app, stocksync_auditor and stocksync_operator where that is allowed and grants each what it may do. Returns the statements that somebody with CREATEROLE must run first, then "stocksync migrate" again; nothing if all is done.';
