"""The figures for a monitoring system."""

import psycopg
from helpers import acting_as, move, only, product


def figures(db: psycopg.Connection) -> dict[str, float]:
    """Return the values by name, with what labels say behind it."""
    return {
        " ".join([name, *labels.values()]): float(value)
        for name, labels, value in db.execute("select name, labels, value from stocksync.metrics()")
    }


def test_of_an_empty_shop(ledger: psycopg.Connection) -> None:
    found = figures(ledger)
    version = only(ledger, "select version from stocksync.installation")
    assert found.pop(f"stocksync_info {version}") == 1
    assert found.pop("stocksync_refresh_age_seconds") > 0
    assert set(found.values()) == {0}
    assert "stocksync_jobs failed" in found
    assert "stocksync_alerts negative_stock" in found


def test_of_a_shop(ledger: psycopg.Connection) -> None:
    for sku, quantity in (("A", 5), ("B", 7), ("C", 1)):
        move(ledger, product(ledger, sku), quantity)
    ledger.execute("select stocksync.roll_up()")
    move(ledger, 2, 8, "sale")
    product(ledger, "GONE", is_deleted=True)
    ledger.execute("delete from stock_movements where product_id = 3")
    ledger.execute(
        "insert into stocksync._pending values (1, -6, now() - interval '10 s'), (1, 1, now())"
    )
    found = figures(ledger)
    assert found["stocksync_products"] == 3
    assert found["stocksync_negative_products"] == 1  # and with the next one folded
    ledger.execute("update stocksync._pending set quantity = -7 where quantity = -6")
    assert figures(ledger)["stocksync_negative_products"] == 2
    assert found["stocksync_movements"] == 3
    assert found["stocksync_journal_rows"] == 2
    assert found["stocksync_pending_rows"] == 2
    assert 10 <= found["stocksync_pending_oldest_seconds"] < 70


def test_of_batches(ledger: psycopg.Connection) -> None:
    p = product(ledger, tracks_batches=True)
    for number, after in (("1", -1), ("2", 0), ("3", 30), ("4", 31)):
        move(
            ledger, p, 1, batch_number=number,
            expiry_date=only(ledger, "select stocksync._shop_day() + %s", (after,)),
        )  # fmt: skip
    found = figures(ledger)
    assert found["stocksync_expired_batches"] == 1
    assert found["stocksync_expiring_batches"] == 2


def test_of_runs_jobs_and_alerts(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 5)
    ledger.execute("update products set quantity_on_hand = -1")
    ledger.execute("call stocksync.audit()")
    ledger.execute("select stocksync.raise_alerts()")
    ledger.execute("call stocksync.refresh()")
    ledger.execute(
        "insert into stocksync.jobs (task, subject, state) values ('sync', 'x', 'failed')"
    )
    found = figures(ledger)
    assert found["stocksync_discrepancies audit"] == 1
    assert found["stocksync_discrepancies refresh"] == 1
    assert "stocksync_discrepancies sync" not in found
    assert 0 <= found["stocksync_last_run_duration_seconds refresh"] < 60
    assert 0 <= found["stocksync_refresh_age_seconds"] < 60
    assert found["stocksync_last_run_timestamp_seconds refresh"] > 1e9
    assert found["stocksync_jobs failed"] == 1
    assert found["stocksync_jobs queued"] == 0
    assert found["stocksync_alerts negative_stock"] == 1
    ledger.execute("call stocksync.refresh()")
    assert figures(ledger)["stocksync_discrepancies refresh"] == 0


def test_names_and_labels_are_those_of_prometheus(ledger: psycopg.Connection) -> None:
    assert (
        ledger.execute(
            "select name from stocksync.metrics() where name !~ '^stocksync_[a-z_]+$'"
            " or type not in ('gauge', 'counter') or help = '' or jsonb_typeof(labels) <> 'object'"
            " union all select name from stocksync.metrics()"
            " group by name having count(distinct help || type) > 1"
        ).fetchall()
        == []
    )


def test_the_movements_are_never_read(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 5)
    ledger.execute("begin")
    ledger.execute("lock table stock_movements, stocksync.stock_daily, stocksync.log")
    ledger.execute("set local role stocksync_auditor")
    figures(ledger)
    locked = (
        "select count(*) from pg_locks where pid = pg_backend_pid() and mode = 'AccessShareLock'"
        " and relation in ('stock_movements'::regclass, 'stocksync.stock_daily'::regclass,"
        " 'stocksync.log'::regclass)"
    )
    assert only(ledger, locked) == 0
    ledger.execute("rollback")


def test_an_auditor_may_ask(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_auditor"):
        assert figures(ledger)["stocksync_products"] == 0
