"""Gives back a job whose worker has to end before it, without costing one of its attempts."""

import psycopg
from helpers import only
from job_helpers import enqueue, fail, job, make_due, states, take


def release(db: psycopg.Connection, running: tuple[int, int]) -> object:
    return only(db, "select stocksync.release_job(%s, %s)", running)


def test_it_is_due_again_at_once_and_has_failed_no_more_than_before(
    ledger: psycopg.Connection,
) -> None:
    number = enqueue(ledger)
    fail(ledger, take(ledger))
    make_due(ledger)
    assert release(ledger, take(ledger)) == "queued"
    assert (job(ledger, number).attempts, job(ledger, number).failures) == (2, 1)
    assert take(ledger) == (number, 3)
    assert only(ledger, "select count(*) from stocksync.log") == 1


def test_it_joins_the_same_if_that_was_queued_meanwhile(ledger: psycopg.Connection) -> None:
    first = enqueue(ledger)
    running = take(ledger)
    second = enqueue(ledger)
    assert release(ledger, running) == "merged"
    assert (job(ledger, first).merged_into, job(ledger, second).failures) == (second, 0)


def test_a_cancelled_one_stays_cancelled(ledger: psycopg.Connection) -> None:
    enqueue(ledger)
    running = take(ledger)
    ledger.execute("update stocksync.jobs set is_cancelled = true")
    assert release(ledger, running) == "cancelled"


def test_only_the_running_attempt_can_be_given_back(ledger: psycopg.Connection) -> None:
    enqueue(ledger)
    first = take(ledger)
    release(ledger, first)
    take(ledger)
    assert release(ledger, first) is None
    assert states(ledger) == ["running"]
