"""Takes a job out of the queue, or ends it while it runs."""

import psycopg
import pytest
from helpers import only, raises_sql
from job_helpers import enqueue, fail, job, lose, take


def cancel(db: psycopg.Connection, number: int) -> str:
    return only(db, "select stocksync.cancel_job(%s)", (number,))


def test_a_queued_job_is_not_run(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    assert cancel(ledger, number) == "cancelled"
    assert take(ledger) is None
    assert job(ledger, number).finished_at is not None
    assert ledger.execute("select message, context from stocksync.log").fetchall() == [
        ("job cancelled", {"job": number, "subject": "refresh", "was": "queued"})
    ]
    assert enqueue(ledger) != number


def test_a_failed_job_is_given_up(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    fail(ledger, take(ledger), "XX000")
    assert cancel(ledger, number) == "cancelled"
    assert ledger.execute("select stocksync.retry_failed_jobs()").fetchall() == []


def test_a_running_job_whose_process_is_gone_has_ended(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    running = take(ledger)
    lose(ledger, number)
    assert cancel(ledger, number) == "cancelled"
    assert fail(ledger, running) is None


@pytest.mark.parametrize("state", ["done", "merged", "cancelled"])
def test_what_has_ended_cannot_be_cancelled(ledger: psycopg.Connection, state: str) -> None:
    number = enqueue(ledger)
    detail = "It has ended."
    if state == "cancelled":
        cancel(ledger, number)
    else:
        running = take(ledger)
        if state == "done":
            ledger.execute("select stocksync._finish_job(%s, %s, null)", running)
        else:
            detail = f"It goes on as job {enqueue(ledger)}."
            fail(ledger, running)
    with raises_sql("55000", f"job {number} is {state}", message_detail=detail):
        cancel(ledger, number)
    with raises_sql("P0002", "job 99 does not exist"):
        cancel(ledger, 99)
