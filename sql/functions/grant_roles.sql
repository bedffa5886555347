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
                stocksync.fold(boolean), stocksync.roll_up(), stocksync.use_mode(text, bigint[]),
                stocksync._continue_run(bigint),
                stocksync._correct(bigint, bigint[], timestamptz, boolean),
                stocksync._finish_run(bigint), stocksync._has_journal(), stocksync._lock_key(text),
                stocksync._record_findings(bigint, bigint[], bigint, boolean),
                stocksync._record_found(bigint, bigint),
                stocksync._record_step(bigint, text, jsonb), stocksync._refresh_views(),
                stocksync._start_refresh(), stocksync._start_run(text, bigint, timestamptz,
                boolean, jsonb), stocksync._suspects(), stocksync._tidy()'),
            ('stocksync_operator', 'execute on procedure
                stocksync.audit(bigint, bigint[], bigint, boolean), stocksync.fix(text[], bigint,
                bigint, bigint[], jsonb), stocksync.refresh(bigint), stocksync.sync(bigint, bigint,
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
                stocksync.list_closings(), stocksync.list_modes(bigint[]), stocksync.list_snapshots(),
                stocksync._settles_as(public.products, stocksync.settings), stocksync.location_id(text),
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
            -- What audits found.
            ('stocksync_auditor', 'execute on function
                stocksync.audit_report(bigint, text[], bigint),
                stocksync.compare_reports(jsonb, jsonb), stocksync.list_audits(bigint),
                stocksync.reported_findings(bigint, text[], bigint),
                stocksync._check_report(jsonb, text), stocksync._check_sources(text[]),
                stocksync._class_source(text), stocksync._report_findings(jsonb, jsonb),
                stocksync._reported(bigint, text[])'),
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
                timestamptz, text, text, text, text), stocksync._batches_at(bigint, text, bigint),
                stocksync._movement_batches(bigint), stocksync._settle_now(),
                stocksync._shop_day()'),
            ('stocksync_auditor', 'execute on function
                stocksync.available(bigint, bigint, date), stocksync.batch_id(bigint, text,
                bigint), stocksync.expire_dry_run(bigint),
                stocksync.expired(bigint), stocksync.list_batches(text, integer, boolean,
                boolean), stocksync._batches_at(bigint, text, bigint),
                stocksync._expired_batches(bigint[]), stocksync._movement_batches(bigint)'),
            ('stocksync_operator', 'execute on procedure stocksync.expire(bigint, bigint)'),
            ('stocksync_operator', 'execute on function
                stocksync.correct_batch(bigint, text, date, numeric, text),
                stocksync.quarantine_batch(bigint, text, boolean, text),
                stocksync.track_batches(bigint[], boolean), stocksync._expire(bigint, bigint[])'),
            -- What an API shows.
            ('stocksync_auditor', 'execute on function
                stocksync.api_discrepancies(bigint, bigint[]), stocksync.api_suspects(bigint),
                stocksync._check_api_reading(bigint), stocksync._compare_api(bigint, bigint[]),
                stocksync._is_reachable(numeric, numeric[], numeric[])'),
            ('stocksync_operator', 'execute on function
                stocksync.begin_api_reading(text, text, interval, timestamptz),
                stocksync.begin_api_rereading(bigint), stocksync.end_api_reading(bigint),
                stocksync.stage_api_items(bigint, jsonb)'),
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
            -- Audits and fixes.
            ('stocksync_auditor', 'execute on function
                stocksync.fix_dry_run(text[], bigint[], jsonb), stocksync.fixed(bigint),
                stocksync.mismatches(bigint[], bigint, boolean), stocksync.stock_sources(bigint[]),
                stocksync._batch_reasons(bigint[]), stocksync._check_fix(text[], jsonb),
                stocksync._check_products(bigint[]),
                stocksync._closing_differences(bigint[]), stocksync._is_archived(bigint),
                stocksync._is_known_product(bigint), stocksync._last_closing(),
                stocksync._ledger_reasons(bigint[]),
                stocksync._lost_movements(bigint[]), stocksync._parted(bigint[]),
                stocksync._triggers_off(), stocksync._unbatched(bigint[])'),
            ('stocksync_operator', 'execute on function
                stocksync._fix(bigint, text[], bigint[], jsonb),
                stocksync._start_audit(bigint[], bigint, boolean, bigint)'),
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
$function$;

comment on function stocksync.grant_roles() is
    'Creates the roles stocksync_app, stocksync_auditor and stocksync_operator where that is allowed and grants each what it may do. Returns the statements that somebody with CREATEROLE must run first, then "stocksync migrate" again; nothing if all is done.';
