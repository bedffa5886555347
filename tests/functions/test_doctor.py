"""What the database can tell about its own health. What it finds of drift is in test_drift.py."""

import os

import psycopg
import pytest
from helpers import acting_as, move, only, product, session
from test_metrics import PLAIN_JOIN, fastest, many_products

Finding = tuple[str, str, str | None]

STRANGER = f"odd one {os.getpid()}"


def findings(db: psycopg.Connection, check: str, role: str = "none") -> list[Finding]:
    """Return status, detail and cure of what a check found."""
    with acting_as(db, role):
        return db.execute(
            "select status, detail, cure from stocksync.doctor() where check_name = %s", (check,)
        ).fetchall()


def only_finding(db: psycopg.Connection, check: str) -> Finding:
    """Return the one finding of a check, the same for the owner and for an auditor."""
    [finding] = findings(db, check)
    assert findings(db, check, "stocksync_auditor") == [finding]
    return finding


def test_a_new_installation(ledger: psycopg.Connection) -> None:
    for role in ("none", "stocksync_auditor"):
        with acting_as(ledger, role):
            told = ledger.execute(
                "select check_name, status, cure is null from stocksync.doctor()"
            ).fetchall()
        assert told == [
            ("installation", "ok", True),
            ("triggers", "ok", True),
            ("objects", "ok", True),
            ("privileges", "ok", True),
            ("settings", "ok", True),
            ("mode", "ok", True),
            ("refresh", "ok", True),
            ("jobs", "ok", True),
            ("pending", "ok", True),
            ("stock", "ok", True),
            ("schedule", "warning", False),
            ("alerts", "ok", True),
            ("vacuum", "ok", True),
            ("transactions", "ok", True),
        ]


def test_a_disabled_trigger_and_a_deployment_that_did_not_end(db: psycopg.Connection) -> None:
    db.execute("alter table stock_movements disable trigger _500_capture_insert")
    db.execute("delete from stocksync.installation")
    told = db.execute("select * from stocksync.doctor() where status = 'failure'").fetchall()
    assert told == [
        (
            "installation",
            "failure",
            "a deployment has begun and not ended",
            "Run `stocksync migrate`.",
        ),
        (
            "triggers",
            "failure",
            "trigger _500_capture_insert on public.stock_movements is disabled",
            "Put it back with `stocksync migrate --force`.",
        ),
    ]


# Privileges ---------------------------------------------------------------------------------------


GRANT_AGAIN = "Run `select stocksync.grant_roles();` as the owner."


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "revoke insert (notes) on stock_movements from stocksync_app",
            "stocksync_app has lost 1 privileges: insert (notes) on table public.stock_movements",
        ),
        (
            "revoke usage on schema stocksync from stocksync_app",
            "stocksync_app has lost 1 privileges: usage on schema stocksync",
        ),
        (
            "revoke execute on function stocksync.roll_up() from stocksync_operator",
            "stocksync_operator has lost 1 privileges: execute on function stocksync.roll_up()",
        ),
        (
            "revoke usage on sequence products_id_seq from stocksync_app",
            "stocksync_app has lost 1 privileges: usage on sequence public.products_id_seq",
        ),
        (
            "revoke all on products from stocksync_app",
            "stocksync_app has lost 4 privileges: delete on table public.products,"
            " insert on table public.products, select on table public.products, …",
        ),
    ],
)
def test_what_a_role_has_lost_is_granted_again(
    db: psycopg.Connection, statement: str, finding: str
) -> None:
    db.execute(statement)
    assert only_finding(db, "privileges") == ("failure", finding, GRANT_AGAIN)
    db.execute("select stocksync.grant_roles()")
    assert only_finding(db, "privileges")[0] == "ok"


@pytest.mark.parametrize(
    ("statement", "finding", "cure"),
    [
        (
            "grant update on stock_movements to stocksync_app",
            "stocksync_app may update table public.stock_movements",
            "revoke update on table public.stock_movements from stocksync_app;",
        ),
        (
            "grant update (quantity) on stocksync.stock_daily to stocksync_operator",
            "stocksync_operator may update (quantity) table stocksync.stock_daily",
            "revoke update (quantity) on table stocksync.stock_daily from stocksync_operator;",
        ),
        (
            "grant execute on function stocksync._accept_drift() to public",
            "public may execute function stocksync._accept_drift()",
            "revoke execute on function stocksync._accept_drift() from public;",
        ),
        (
            f'create role "{STRANGER}"; grant insert on stocksync.runs to "{STRANGER}"',
            f"{STRANGER} may insert table stocksync.runs",
            f'revoke insert on table stocksync.runs from "{STRANGER}";',
        ),
    ],
    ids=["a movement", "a column", "a function", "a stranger"],
)
def test_what_somebody_should_not_be_able_to_do(
    db: psycopg.Connection, statement: str, finding: str, cure: str
) -> None:
    try:
        db.execute(statement)
        assert only_finding(db, "privileges") == ("failure", finding, f"Run `{cure}`.")
        db.execute(cure)
        assert only_finding(db, "privileges")[0] == "ok"
    finally:
        db.execute("revoke all on all tables in schema stocksync from public")
        if STRANGER in statement:
            db.execute(f'drop owned by "{STRANGER}"; drop role "{STRANGER}"')


def test_who_may_read_and_set_is_for_the_administrator_to_say(db: psycopg.Connection) -> None:
    name = f"stocksync_reader_{db.info.backend_pid}"
    db.execute(f"create role {name}")
    try:
        db.execute(f"grant select on all tables in schema stocksync to {name}")
        db.execute(f"grant update on stocksync.settings, stocksync.schedules to {name}")
        db.execute(f"grant insert, update on products to {name}")
        db.execute("grant select on stocksync.log to stocksync_app")
        assert only_finding(db, "privileges")[0] == "ok"
    finally:
        db.execute(f"drop owned by {name}; drop role {name}")


def test_what_a_new_deployment_grants_is_what_counts(db: psycopg.Connection) -> None:
    db.execute("grant update on stock_movements to stocksync_app")
    db.execute("select stocksync._finish_deployment('0', array(select path from"
               " stocksync.deployed_file))")  # fmt: skip
    assert only_finding(db, "privileges")[0] == "ok"


# Operation ----------------------------------------------------------------------------------------


def test_settings(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set allow_negative = false, time_zone = 'Asia/Tokyo'")
    assert only_finding(ledger, "settings") == (
        "ok", "days of Asia/Tokyo; negative stock is refused; manual updates: warn", None
    )  # fmt: skip
    ledger.execute("update stocksync.settings set alert_rules = '{}', keep_log = '1 hour'")
    assert [(status, detail) for status, detail, _ in findings(ledger, "settings")][1:] == [
        ("warning", "no alert is ever raised"),
        ("warning", "a refresh is forgotten before it would be late"),
    ]


def test_a_refresh_that_is_late(ledger: psycopg.Connection) -> None:
    ledger.execute("call stocksync.refresh()")
    status, detail, cure = only_finding(ledger, "refresh")
    assert (status, cure) == ("ok", None)
    assert detail.startswith("the last one was completed at 20")
    ledger.execute("update stocksync.runs set finished_at = finished_at - interval '121 minutes'")
    status, _, cure = only_finding(ledger, "refresh")
    assert status == "failure"
    assert cure is not None
    assert "stocksync refresh" in cure


def test_a_refresh_that_never_was(db: psycopg.Connection) -> None:
    assert only_finding(db, "refresh")[:2] == ("ok", "none has been completed")
    db.execute("update stocksync.installation set deployed_at = now() - interval '3 hours'")
    assert only_finding(db, "refresh")[:2] == ("failure", "none has been completed")


def test_jobs(ledger: psycopg.Connection) -> None:
    ledger.execute(
        "insert into stocksync.jobs (task, subject, state, run_at, started_at) values"
        " ('sync', 'a', 'queued', now(), null),"
        " ('sync', 'b', 'running', now(), now() - interval '5 minutes')"
    )
    assert only_finding(ledger, "jobs") == ("ok", "1 queued, 1 running, none failed", None)
    ledger.execute(
        "insert into stocksync.jobs (task, subject, state, run_at, started_at) values"
        " ('sync', 'c', 'queued', now() - interval '6 minutes', null),"
        " ('sync', 'd', 'running', now(), now() - interval '7 minutes'),"
        " ('sync', 'e', 'failed', now(), now()), ('sync', 'f', 'failed', now(), now())"
    )
    assert findings(ledger, "jobs", "stocksync_auditor") == [
        (
            "failure",
            "failed for good: 2, the last of them job 6",
            "See `stocksync jobs show 6`; then `stocksync jobs retry 6`.",
        ),
        (
            "failure",
            "running for longer than they may: 1",
            "Run `stocksync worker`: it takes over what a lost one left.",
        ),
        (
            "failure",
            "queued for longer than 00:05:00: 1; nobody takes them",
            "Run `stocksync worker`.",
        ),
    ]


def test_changes_that_wait(ledger: psycopg.Connection) -> None:
    product(ledger)
    ledger.execute("insert into stocksync._pending (product_id, quantity) values (1, 1)")
    status, detail, _ = only_finding(ledger, "pending")
    assert status == "ok"
    assert detail.startswith("changes of stock that wait for a busy product: 1, since 20")
    ledger.execute("update stocksync._pending set queued_at = queued_at - interval '61 seconds'")
    assert only_finding(ledger, "pending")[0] == "failure"
    ledger.execute("select stocksync.fold()")
    assert only_finding(ledger, "pending")[:2] == ("ok", "no change of stock waits")


def test_a_stock_below_zero(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 1, "sale")
    move(ledger, product(ledger, "B", is_deleted=True), 1, "sale")
    assert only_finding(ledger, "stock")[:2] == (
        "warning", "products whose stock is below zero: 1"
    )  # fmt: skip


def test_who_keeps_the_schedule(db: psycopg.Connection) -> None:
    assert only_finding(db, "schedule") == (
        "warning",
        'audit "0 2 * * *", refresh "0 * * * *": nobody seems to keep it',
        "Run `stocksync worker`, or `stocksync schedule install`.",
    )
    db.execute("call stocksync.refresh()")
    assert only_finding(db, "schedule")[:2] == (
        "ok",
        'audit "0 2 * * *", refresh "0 * * * *": not kept by a worker here, but refreshes happen',
    )
    db.execute("update stocksync.schedules set last_due_at = date_trunc('hour', now())")
    assert "a worker last kept it at 20" in only_finding(db, "schedule")[1]
    db.execute("create schema cron")
    db.execute("create table cron.job (active boolean, database text, command text)")
    db.execute("grant usage on schema cron to public; grant select on cron.job to public")
    db.execute(
        "insert into cron.job values (true, current_database(), 'call stocksync.refresh()'),"
        " (false, current_database(), 'call stocksync.audit()'),"
        " (true, 'another', 'call stocksync.refresh()'), (true, current_database(), 'vacuum')"
    )
    assert only_finding(db, "schedule")[1].endswith("kept by pg_cron, jobs: 1")
    db.execute("revoke usage on schema cron from public")
    assert "a worker" in findings(db, "schedule", "stocksync_auditor")[0][1]
    db.execute("update stocksync.schedules set is_enabled = false")
    assert only_finding(db, "schedule")[:2] == ("warning", "nothing is scheduled")


# Alerts -------------------------------------------------------------------------------------------


def test_alerts_that_nobody_is_told_of(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 1, "sale")
    ledger.execute("select stocksync.raise_alerts()")
    assert only_finding(ledger, "alerts") == ("ok", "open: 1", None)
    ledger.execute("update stocksync.alerts set raised_at = raised_at - interval '21 minutes'")
    status, detail, cure = only_finding(ledger, "alerts")
    assert status == "warning"
    assert detail.startswith("open: 1; nobody has been told since 20")
    assert "STOCKSYNC_ALERT_MAIL" in str(cure)

    ledger.execute("select stocksync.take_alerts('mail')")
    assert only_finding(ledger, "alerts")[0] == "failure"
    ledger.execute("select stocksync.alerts_sent('mail', 1, 'no luck')")
    assert findings(ledger, "alerts")[0] == (
        "failure",
        "mail: failed 1 times, now with: no luck",
        "Try it with `stocksync alerts test`.",
    )
    ledger.execute("update stocksync.alert_channels set retry_at = retry_at - interval '2 hours'")
    assert only_finding(ledger, "alerts")[1].startswith("open: 1; nobody has been told")
    ledger.execute("select stocksync.take_alerts('mail')")
    ledger.execute("select stocksync.alerts_sent('mail', 2)")
    assert only_finding(ledger, "alerts") == ("ok", "open: 1", None)


# Server -------------------------------------------------------------------------------------------


def test_autovacuum_that_is_off(db: psycopg.Connection) -> None:
    db.execute("alter table products set (autovacuum_enabled = off)")
    db.execute("alter table locations set (autovacuum_enabled = off)")
    status, detail, cure = only_finding(db, "vacuum")
    assert (status, detail) == ("warning", "autovacuum is off for public.products")
    assert cure == "Run `alter table public.products reset (autovacuum_enabled);`."
    db.execute("alter table public.products reset (autovacuum_enabled)")
    assert only_finding(db, "vacuum")[0] == "ok"


def test_a_transaction_that_holds_vacuum_back(db: psycopg.Connection, db_url: str) -> None:
    with session(db_url) as other:
        other.execute("set application_name = 'a report'")
        with other.transaction():
            other.execute("set transaction isolation level repeatable read")
            other.execute("select * from products")
            assert only_finding(db, "transactions")[0] == "ok"
            _spend_transactions(db)
            # to an auditor the other's times are not shown
            [(status, detail, cure)] = findings(db, "transactions", "stocksync_auditor")
            assert (status, cure) == (
                "warning", f"End it: `select pg_terminate_backend({other.info.backend_pid});`."
            )  # fmt: skip
            assert "(a report) holds vacuum back by " in detail
    assert only_finding(db, "transactions")[0] == "ok"


def _spend_transactions(db: psycopg.Connection) -> None:
    """Use 100,001 transaction ids: a subtransaction that writes uses one."""
    db.execute("create temporary table spent (n integer)")
    db.execute(
        "do $$ begin for i in 1 .. 100001 loop begin"
        " insert into spent values (i); raise division_by_zero;"
        " exception when division_by_zero then null; end; end loop; end $$"
    )


def test_a_prepared_transaction_that_nobody_ends(db: psycopg.Connection) -> None:
    if only(db, "show max_prepared_transactions") == "0":
        pytest.skip("max_prepared_transactions is 0")
    db.execute("begin")
    product(db)
    db.execute("prepare transaction 'left'")
    try:
        assert only_finding(db, "transactions")[0] == "ok"  # for ten minutes
    finally:
        db.execute("rollback prepared 'left'")


# Price --------------------------------------------------------------------------------------------


def test_it_is_quick_with_many_products(db: psycopg.Connection) -> None:
    many_products(db)
    assert fastest(db, "select * from stocksync.doctor()") < 20 * fastest(db, PLAIN_JOIN)
