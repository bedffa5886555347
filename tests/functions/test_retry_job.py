"""Tries a job again by hand, now and with all its attempts."""

import psycopg
import pytest
from helpers import only, raises_sql, session
from job_helpers import enqueue, fail, job, take


def retry(db: psycopg.Connection, number: int) -> int:
    return only(db, "select stocksync.retry_job(%s)", (number,))


def test_a_failed_job_is_due_now_with_all_its_attempts(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    number = enqueue(ledger)
    fail(ledger, take(ledger), "XX000")
    with session(ledger_url) as listener:
        listener.execute("listen stocksync")
        assert retry(ledger, number) == number
        assert list(listener.notifies(timeout=30, stop_after=1))
    again = job(ledger, number)
    assert (again.state, again.failures, again.attempts) == ("queued", 0, 1)
    assert again.finished_at is None
    assert take(ledger) == (number, 2)


def test_a_cancelled_job_can_be_tried_again(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    ledger.execute("select stocksync.cancel_job(%s)", (number,))
    assert retry(ledger, number) == number
    running = take(ledger)
    assert fail(ledger, running) == "queued", "it is cancelled no more"


def test_a_job_that_waits_waits_no_longer(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    fail(ledger, take(ledger))
    assert take(ledger) is None
    assert retry(ledger, number) == number
    assert job(ledger, number).failures == 0
    assert take(ledger) == (number, 2)


def test_if_the_same_is_queued_it_joins_that(ledger: psycopg.Connection) -> None:
    first = enqueue(ledger, "sync", since="2025-01-01")
    fail(ledger, take(ledger), "XX000")
    second = enqueue(ledger, "sync", since="2026-01-01", run_at="2999-01-01")
    assert retry(ledger, first) == second
    assert job(ledger, first).state == "merged"
    assert job(ledger, second).arguments["since"].startswith("2025-01-01")
    assert take(ledger) == (second, 1)


def test_if_the_same_is_running_it_runs_after_it(ledger: psycopg.Connection) -> None:
    first = enqueue(ledger)
    fail(ledger, take(ledger), "XX000")
    enqueue(ledger)
    running = take(ledger)
    assert retry(ledger, first) == first
    assert take(ledger) is None
    ledger.execute("select stocksync._finish_job(%s, %s, null)", running)
    assert take(ledger) == (first, 2)


@pytest.mark.parametrize("state", ["running", "done", "merged"])
def test_what_runs_or_is_done_cannot_be_tried_again(ledger: psycopg.Connection, state: str) -> None:
    number = enqueue(ledger)
    running = take(ledger)
    detail = "Only what is queued, failed or cancelled can be tried again."
    if state == "done":
        ledger.execute("select stocksync._finish_job(%s, %s, null)", running)
    elif state == "merged":
        detail = f"It goes on as job {enqueue(ledger)}."
        fail(ledger, running)
    with raises_sql("55000", f"job {number} is {state}", message_detail=detail):
        retry(ledger, number)
    with raises_sql("P0002", "job 99 does not exist"):
        retry(ledger, 99)
