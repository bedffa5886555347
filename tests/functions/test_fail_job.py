"""Ends an attempt that failed: tried again later, joined to the same, or failed for good."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from helpers import only, product
from job_helpers import enqueue, fail, job, make_due, states, take


def log(db: psycopg.Connection) -> list[tuple[Any, ...]]:
    return db.execute("select level, message, context from stocksync.log order by id").fetchall()


def test_what_may_pass_is_tried_again_after_growing_pauses(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set job_attempts = 5")
    number = enqueue(ledger)
    for attempt, minutes in enumerate((1, 5, 15, 15), start=1):
        make_due(ledger)
        assert fail(ledger, take(ledger)) == "queued"
        failed = job(ledger, number)
        assert (failed.attempts, failed.failures) == (attempt, attempt)
        assert (failed.sqlstate, failed.error) == ("40001", "why")
        assert only(
            ledger,
            "select run_at - clock_timestamp() between %s and %s from stocksync.jobs",
            (timedelta(minutes=minutes - 0.5), timedelta(minutes=minutes)),
        )
        assert take(ledger) is None
    make_due(ledger)
    assert fail(ledger, take(ledger)) == "failed"


def test_after_three_attempts_it_has_failed_for_good_and_that_is_critical(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    number = enqueue(ledger, "sync", product_id=a)
    for expected in ("queued", "queued", "failed"):
        make_due(ledger)
        assert fail(ledger, take(ledger)) == expected
    assert job(ledger, number).finished_at is not None
    assert [(level, message) for level, message, _ in log(ledger)] == [
        ("error", "job failed and will be tried again"),
        ("error", "job failed and will be tried again"),
        ("critical", "job failed for good"),
    ]
    assert log(ledger)[-1][2] == {
        "job": number, "subject": f"sync product {a}", "attempt": 3, "failures": 3,
        "sqlstate": "40001", "error": "why",
    }  # fmt: skip
    assert only(ledger, "select array_agg(distinct product_id) from stocksync.log") == [a]


@pytest.mark.parametrize(
    "sqlstate",
    [
        None,
        "08000",
        "08003",
        "08006",
        "57P01",
        "57P02",
        "57P03",
        "40001",
        "40P01",
        "55P03",
        "55006",
    ],
)
def test_trouble_that_may_pass(ledger: psycopg.Connection, sqlstate: str | None) -> None:
    enqueue(ledger)
    assert fail(ledger, take(ledger), sqlstate) == "queued"


@pytest.mark.parametrize(
    "sqlstate", ["57014", "P0002", "42501", "XX000", "23514", "53100", "40002", "SS001", ""]
)
def test_trouble_that_stays(ledger: psycopg.Connection, sqlstate: str) -> None:
    enqueue(ledger)
    assert fail(ledger, take(ledger), sqlstate) == "failed"
    assert log(ledger)[0][:2] == ("critical", "job failed for good")


def test_a_report_of_another_attempt_counts_for_nothing(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    first = take(ledger)
    fail(ledger, first)
    make_due(ledger)
    assert fail(ledger, first) is None
    second = take(ledger)
    assert fail(ledger, first) is None
    assert fail(ledger, (number, 3)) is None
    assert fail(ledger, (number + 1, 1)) is None
    assert job(ledger, number).state == "running"
    assert only(ledger, "select stocksync._finish_job(%s, %s, null)", first) is False
    assert only(ledger, "select stocksync._finish_job(%s, %s, null)", second) is True
    assert fail(ledger, second) is None
    assert states(ledger) == ["done"]


def test_a_retry_that_meets_the_same_in_the_queue_joins_it(ledger: psycopg.Connection) -> None:
    """Neither of the two is lost, and neither is an error."""
    first = enqueue(ledger, "sync", force=True)
    running = take(ledger)
    second = enqueue(ledger, "sync", since="2025-01-01")
    run_at = job(ledger, second).run_at
    assert fail(ledger, running) == "merged"
    merged, left = job(ledger, first), job(ledger, second)
    assert (merged.merged_into, merged.finished_at is not None) == (second, True)
    assert (left.state, left.arguments, left.run_at) == ("queued", {"force": True}, run_at)
    assert (left.failures, left.sqlstate, left.error) == (1, "40001", "why")
    assert log(ledger)[0][2]["merged_into"] == second
    assert take(ledger) == (second, 1)


def test_one_that_others_keep_joining_fails_for_good_all_the_same(
    ledger: psycopg.Connection,
) -> None:
    results = []
    enqueue(ledger)
    for _ in range(3):
        make_due(ledger)
        running = take(ledger)
        enqueue(ledger)
        results.append(fail(ledger, running))
    assert results == ["merged", "merged", "failed"]
    assert states(ledger) == ["merged", "merged", "failed", "queued"]
    assert only(ledger, "select failures from stocksync.jobs where state = 'queued'") == 0


def test_one_that_was_cancelled_is_not_tried_again(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    running = take(ledger)
    ledger.execute("update stocksync.jobs set is_cancelled = true")
    assert fail(ledger, running) == "cancelled"
    assert job(ledger, number).finished_at is not None
    assert log(ledger) == []


def test_the_settings_decide(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set job_attempts = 1")
    enqueue(ledger)
    assert fail(ledger, take(ledger)) == "failed"
    ledger.execute("update stocksync.settings set job_attempts = 2, job_backoff = '{0}'")
    enqueue(ledger)
    assert fail(ledger, take(ledger)) == "queued"
    assert take(ledger) is not None
