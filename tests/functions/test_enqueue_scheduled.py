"""Queues what a schedule says is due: each time once, however many workers keep the schedule."""

from datetime import UTC, datetime, timedelta

import psycopg
from helpers import only, raises_sql
from job_helpers import states


def enqueue_scheduled(db: psycopg.Connection, due_at: datetime, task: str = "refresh") -> object:
    return only(db, "select stocksync.enqueue_scheduled(%s, %s)", (task, due_at))


def last_due_at(db: psycopg.Connection) -> datetime:
    return only(db, "select last_due_at from stocksync.schedules where task = 'refresh'")


def test_a_time_is_taken_once(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.schedules set last_due_at = '2026-01-01'")
    due_at = datetime(2026, 1, 2, tzinfo=UTC)
    number = enqueue_scheduled(ledger, due_at)
    assert states(ledger) == ["queued"]
    assert last_due_at(ledger) == due_at
    assert enqueue_scheduled(ledger, due_at) is None
    assert enqueue_scheduled(ledger, due_at - timedelta(hours=1)) is None
    assert last_due_at(ledger) == due_at
    assert enqueue_scheduled(ledger, due_at + timedelta(hours=1)) == number
    assert states(ledger) == ["queued"]


def test_what_is_not_enabled_is_not_queued(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.schedules set last_due_at = '2026-01-01', is_enabled = false")
    assert enqueue_scheduled(ledger, datetime(2026, 1, 2, tzinfo=UTC)) is None
    assert enqueue_scheduled(ledger, datetime(2026, 1, 2, tzinfo=UTC), "sync") is None
    assert states(ledger) == []


def test_a_time_to_come_is_refused(ledger: psycopg.Connection) -> None:
    """It would keep every time before it from being taken."""
    with raises_sql("22023", "2999-01-01 00:00:00+00 is in the future"):
        ledger.execute("set timezone = 'UTC'")
        enqueue_scheduled(ledger, datetime(2999, 1, 1, tzinfo=UTC))
    assert states(ledger) == []
