"""Who may do what."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, stock

APP, AUDITOR, OPERATOR = "stocksync_app", "stocksync_auditor", "stocksync_operator"
ROLES = (APP, AUDITOR, OPERATOR)

MAY = {
    APP: [
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (1, 'sale', 1)",
        "insert into stock_movements (id, product_id, location_id, movement_type,"
        " transaction_type, quantity, occurred_at, unit_cost, reference, idempotency_key,"
        " reverses_id, user_id, notes, metadata)"
        " values (100, 1, 1, 'in', 'purchase', 1, now(), 1, 'r', 'k', null, 'u', 'n', '{}')"
        " returning *",
        "select * from stock_movements, products, locations, transaction_types, stock_on_hand",
        "select * from stocksync.stock_by_location",
        "select * from stocksync.settings",
        "insert into products (sku, name) values ('NEW', 'new') returning *",
        "update products set name = 'new', quantity_on_hand = 3",
        "delete from products where sku = 'B'",
        "insert into locations (name) values ('yard')",
        "update locations set name = 'new' where name = 'yard'",
        "select stocksync.record_movement(1, 'sale', 1, 'l')",
        "select stocksync.reverse_movement(1, 'x')",
        "select stocksync.lock_products(array[1, 2])",
        "select * from stocksync.stock()",
        "select * from stocksync.movements('A')",
        "select stocksync.product_id('A'), stocksync.use_shop_time()",
    ],
    AUDITOR: [
        "select stocksync.list_modes()",
        "select * from stock_movements, products, locations, transaction_types, stock_on_hand",
        "select * from stocksync.stock_by_location, stocksync.stock_daily, stocksync.stock_total",
        "select * from stocksync.runs, stocksync.incidents, stocksync.log, stocksync.drift",
        "select * from stocksync.movement_history, stocksync.settings, stocksync._journal",
        "select * from stocksync.sync_dry_run(p_force => true)",
        "select * from stocksync.discrepancies(p_force => true)",
        "select * from stocksync.explain('A')",
        "select * from stocksync.stock(), stocksync.movements('A'), stocksync.read_log()",
        "select * from stocksync.corrections(1), stocksync.failed_corrections(1)",
        "select * from stocksync.doctor()",
        "select * from stocksync.metrics()",
        "select * from stocksync.alert_conditions(), stocksync.read_alerts()",
        "select * from stocksync.alerts, stocksync.alert_channels, stocksync.alert_deliveries",
        "select * from stocksync.live_object()",
        "select stocksync.product_id('A'), stocksync.use_shop_time()",
        "select stocksync.check_scope(1, null)",
        "select * from stocksync.jobs, stocksync.schedules, stocksync.list_jobs()",
        "select * from stocksync.list_schedules()",
    ],
    OPERATOR: [
        "select stocksync.use_mode('never_wait')",
        "select stocksync.roll_up()",
        "select stocksync.raise_alerts()",
        "select stocksync.take_alerts('mail')",
        "select stocksync.alerts_sent('mail', 1)",
        "call stocksync.sync()",
        "call stocksync.sync(p_product_id => 1, p_since => '2001-01-01', p_force => true)",
        "select stocksync.enqueue('sync', 1, '2001-01-01', true, now())",
        "select stocksync.show_job(min(id)) from stocksync.jobs",
        "select stocksync.retry_job(min(id)) from stocksync.jobs",
        "select stocksync.cancel_job(min(id)) from stocksync.jobs",
        "select stocksync.retry_failed_jobs()",
        "select stocksync.enqueue_scheduled('refresh', now())",
        "select stocksync.use_job_timeout()",
        "select stocksync.tick('w'), stocksync.reap_jobs()",
        "select stocksync.fail_job(1, 1, null, ''), stocksync.release_job(1, 1)",
        "call stocksync.run_job()",
    ],
}  # fmt: skip

MAY_NOT = {
    APP: [
        ("update stock_movements set quantity = 2", "table stock_movements"),
        ("delete from stock_movements", "table stock_movements"),
        ("truncate stock_movements", "table stock_movements"),
        ("truncate products cascade", "table products"),
        (
            "insert into stock_movements (product_id, transaction_type, quantity, recorded_at)"
            " values (1, 'sale', 1, '2001-01-01')",
            "table stock_movements",
        ),
        ("insert into transaction_types values ('x', 'in', '')", "table transaction_types"),
        ("update transaction_types set movement_type = 'in'", "table transaction_types"),
        ("delete from locations", "table locations"),
        ("update stocksync.settings set allow_negative = true", "table settings"),
        ("insert into stocksync._journal (lines) values ('{}')", "table _journal"),
        ("select * from stocksync._unsettled", "table _unsettled"),
        ("update stocksync.stock_daily set quantity = 0", "table stock_daily"),
        ("delete from stocksync.stock_total", "table stock_total"),
        ("delete from stocksync.log", "table log"),
        ("delete from stocksync.movement_history", "table movement_history"),
        ("select stocksync._capture('{}')", "function _capture"),
        ("select stocksync._write_log('info', 'x')", "function _write_log"),
        ("select stocksync._correct(1, '{1}', null, false)", "function _correct"),
        ("select stocksync._start_run('x', null, null, false)", "function _start_run"),
        ("select stocksync._accept_drift()", "function _accept_drift"),
        ("select stocksync._record_objects()", "function _record_objects"),
        ("select stocksync.grant_roles()", "function grant_roles"),
        ("select stocksync.enqueue('refresh')", "function enqueue"),
        ("call stocksync.run_job()", "procedure run_job"),
        ("select stocksync.roll_up()", "function roll_up"),
        ("call stocksync.sync()", "procedure sync"),
        ("create table stocksync.mine ()", "schema stocksync"),
        ("create table public.mine ()", "schema public"),
    ],
    AUDITOR: [
        (
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " values (1, 'sale', 1)",
            "table stock_movements",
        ),
        ("update products set name = 'x'", "table products"),
        ("delete from products", "table products"),
        ("update stocksync.settings set allow_negative = true", "table settings"),
        ("delete from stocksync.log", "table log"),
        ("select stocksync.record_movement(1, 'sale', 1)", "function record_movement"),
        ("select stocksync.roll_up()", "function roll_up"),
        ("call stocksync.sync()", "procedure sync"),
        ("select stocksync.enqueue('refresh')", "function enqueue"),
        ("select stocksync.cancel_job(1)", "function cancel_job"),
        ("select stocksync.retry_failed_jobs()", "function retry_failed_jobs"),
        ("call stocksync.run_job()", "procedure run_job"),
        ("select stocksync.import_movements()", "function import_movements"),
        ("select stocksync.raise_alerts()", "function raise_alerts"),
        ("select stocksync.take_alerts('mail')", "function take_alerts"),
        ("delete from stocksync.alerts", "table alerts"),
        ("select stocksync._correct(1, '{1}', null, false)", "function _correct"),
        ("create table stocksync.mine ()", "schema stocksync"),
    ],
    OPERATOR: [
        ("update stock_movements set quantity = 2", "table stock_movements"),
        ("delete from stock_movements", "table stock_movements"),
        ("update stocksync.stock_daily set quantity = 0", "table stock_daily"),
        ("update stocksync.stock_total set quantity = 0", "table stock_total"),
        ("insert into stocksync._journal (lines) values ('{}')", "table _journal"),
        (
            "insert into stocksync.incidents (run_id, product_id, class, before, after)"
            " values (1, 1, 'quantity_on_hand', 0, 5)",
            "table incidents",
        ),
        ("delete from stocksync.incidents", "table incidents"),
        ("insert into stocksync.runs (command) values ('x')", "table runs"),
        ("update stocksync.jobs set state = 'done'", "table jobs"),
        ("update stocksync.schedules set cron = '* * * * *'", "table schedules"),
        ("select stocksync._requeue_job(null, now())", "function _requeue_job"),
        ("delete from stocksync.log", "table log"),
        ("update stocksync.settings set allow_negative = true", "table settings"),
        ("insert into transaction_types values ('x', 'in', '')", "table transaction_types"),
        ("select stocksync._write_log('info', 'x')", "function _write_log"),
        ("select stocksync._accept_drift()", "function _accept_drift"),
        ("select stocksync.grant_roles()", "function grant_roles"),
    ],
}


@pytest.fixture
def filled(ledger: psycopg.Connection) -> psycopg.Connection:
    """A ledger with 10 of product 1 in location 1, and product 2 that never moved."""
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, product(ledger, "A"), 10, location_id=1)
    product(ledger, "B")
    return ledger


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_do(filled: psycopg.Connection, role: str) -> None:
    allowed = MAY[role] if role != OPERATOR else MAY[APP] + MAY[AUDITOR] + MAY[OPERATOR]
    with acting_as(filled, role):
        for statement in allowed:
            try:
                filled.execute(statement)
            except psycopg.Error as error:
                pytest.fail(f"{statement}: {error}")
    filled.execute("set constraints all immediate")
    assert differences(filled) == []


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_not_do(filled: psycopg.Connection, role: str) -> None:
    for statement, what in MAY_NOT[role]:
        with raises_sql("42501", f"permission denied for {what}"), acting_as(filled, role):
            filled.execute(statement)
    assert stock(filled, 1) == 10
    assert differences(filled) == []


@pytest.mark.parametrize("role", [APP, AUDITOR])
def test_private_functions_are_private(filled: psycopg.Connection, role: str) -> None:
    """Except the parts of what the role may call."""
    callable_ = filled.execute(
        "select p.proname from pg_proc as p"
        " where p.pronamespace = 'stocksync'::regnamespace"
        " and (p.proname ~ '^_' or p.prorettype = 'trigger'::regtype)"
        " and has_function_privilege(%s, p.oid, 'execute')",
        (role,),
    ).fetchall()
    parts = {
        APP: "_archived_movement _batches_at _content_md5 _given_at _is_archived _movement_batches"
        " _refuse_key _settle_now _shop_day",
        AUDITOR: "_check_report _check_sources _class_source _report_findings _reported"
        " _check_archives _day_start _first_open_day _ledger_at _refuse_archived"
        " _restore_differences _stock_at _daily_totals _roll_up_differences _live_grants _shop_day"
        " _doctor_alerts _doctor_objects _doctor_operation _doctor_privileges _doctor_schedule"
        " _doctor_server _check_undo _undo_corrections _undo_movements _expired_batches"
        " _batches_at _movement_batches _value_by_average _value_by_batch _value_by_fifo"
        " _value_events _check_api_reading _compare_api _is_reachable _batch_reasons _check_fix"
        " _check_products _closing_differences _is_archived _is_known_product _last_closing"
        " _ledger_reasons _lost_movements _parted _settles_as _triggers_off _unbatched",
    }
    assert {name for (name,) in callable_} == set(parts[role].split())


@pytest.mark.parametrize("role", ROLES)
def test_what_is_derived_or_recorded_is_written_by_none(
    ledger: psycopg.Connection, role: str
) -> None:
    assert (
        ledger.execute(
            "select c.relname, privilege from pg_class as c,"
            " unnest(array['insert', 'update', 'delete', 'truncate', 'trigger', 'references'])"
            " as privilege"
            " where c.relnamespace = 'stocksync'::regnamespace and c.relkind in ('r', 'v')"
            " and has_table_privilege(%s, c.oid, privilege)",
            (role,),
        ).fetchall()
        == []
    )
    assert (
        ledger.execute(
            "select c.relname, privilege from pg_class as c,"
            " unnest(array['truncate', 'trigger', 'references']) as privilege"
            " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')"
            " and has_table_privilege(%s, c.oid, privilege)",
            (role,),
        ).fetchall()
        == []
    )


def test_nobody_else_may_do_anything(ledger: psycopg.Connection) -> None:
    name = f"stocksync_stranger_{ledger.info.backend_pid}"
    ledger.execute(f"create role {name}")
    try:
        for statement, what in (
            ("select * from products", "table products"),
            ("select * from stock_on_hand", "view stock_on_hand"),
            ("select stocksync.product_id('A')", "schema stocksync"),
            ("select * from stocksync.settings", "schema stocksync"),
        ):
            with raises_sql("42501", f"permission denied for {what}"), acting_as(ledger, name):
                ledger.execute(statement)
    finally:
        ledger.execute(f"drop role {name}")


def test_an_operator_imports(filled: psycopg.Connection) -> None:
    with acting_as(filled, OPERATOR), filled.transaction():
        copy_statement = only(
            filled,
            "select stocksync.stage_import('movements', '{sku,transaction_type,quantity}')",
        )
        with filled.cursor().copy(copy_statement) as copy:
            copy.write("2,,A,purchase,5\n3,,NEW,purchase,7\n")
        assert filled.execute(
            "select inserted, products_created, problems"
            " from stocksync.import_movements(p_create_products => true)"
        ).fetchall() == [(2, 1, 0)]
    assert stock(filled, 1) == 15


def test_granting_again_changes_nothing(db: psycopg.Connection) -> None:
    grants = (
        "select c.oid::regclass::text, c.relacl::text from pg_class as c"
        " where c.relnamespace::regnamespace::text in ('public', 'stocksync') union all"
        " select p.oid::regprocedure::text, p.proacl::text from pg_proc as p"
        " where p.pronamespace::regnamespace::text in ('public', 'stocksync') union all"
        " select n.nspname, n.nspacl::text from pg_namespace as n union all"
        " select a.attrelid::regclass || '.' || a.attname, a.attacl::text from pg_attribute as a"
        " where a.attacl is not null order by 1"
    )
    before = db.execute(grants).fetchall()
    assert db.execute("select * from stocksync.grant_roles()").fetchall() == []
    assert db.execute(grants).fetchall() == before
