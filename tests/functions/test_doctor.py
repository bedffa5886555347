"""What the database can tell about its own health. What it finds is in test_drift.py."""

import psycopg
from helpers import acting_as


def test_a_healthy_installation(ledger: psycopg.Connection) -> None:
    for role in ("none", "stocksync_auditor"):
        with acting_as(ledger, role):
            told = ledger.execute("select check_name, status, cure from stocksync.doctor()")
            assert told.fetchall() == [
                ("installation", "ok", None),
                ("triggers", "ok", None),
                ("objects", "ok", None),
            ]


def test_a_disabled_trigger_and_a_deployment_that_did_not_end(db: psycopg.Connection) -> None:
    db.execute("alter table stock_movements disable trigger _500_capture_insert")
    db.execute("delete from stocksync.installation")
    told = db.execute("select * from stocksync.doctor() where status <> 'ok'").fetchall()
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
