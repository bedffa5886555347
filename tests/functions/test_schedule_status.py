"""What runs when, as far as the database knows."""

import psycopg
from helpers import acting_as

STATUS = "select task, cron, is_enabled, time_zone, workers from stocksync.schedule_status()"
RUNS = (
    "select task, last_run_at is not null, last_finished_at is not null"
    " from stocksync.schedule_status()"
)


def test_every_hour_and_every_night_at_first(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_auditor"):
        assert ledger.execute(STATUS).fetchall() == [
            ("audit", "0 2 * * *", True, "UTC", 0),
            ("refresh", "0 * * * *", True, "UTC", 0),
        ]


def test_the_last_run_of_each(ledger: psycopg.Connection) -> None:
    assert ledger.execute(RUNS).fetchall() == [("audit", False, False), ("refresh", False, False)]
    ledger.execute("call stocksync.refresh()")
    ledger.execute("insert into stocksync.runs (command) values ('audit')")  # killed
    assert ledger.execute(RUNS).fetchall() == [("audit", True, False), ("refresh", True, True)]
    assert ledger.execute(
        "select last_run_at <= last_finished_at, last_finished_at = (select max(finished_at)"
        " from stocksync.runs) from stocksync.schedule_status() where task = 'refresh'"
    ).fetchall() == [(True, True)]


def test_workers_that_are_connected(ledger: psycopg.Connection, ledger_url: str) -> None:
    with (
        psycopg.connect(ledger_url, application_name="stocksync worker"),
        psycopg.connect(ledger_url, application_name="stocksync"),
        acting_as(ledger, "stocksync_auditor"),
    ):
        assert [row[-1] for row in ledger.execute(STATUS)] == [1, 1]
