"""The heartbeat of a worker, and the question whether there is something to do."""

import psycopg
from helpers import only, session
from job_helpers import enqueue, job, lose, states, take


def tick(db: psycopg.Connection, worker: str = "w") -> tuple[object, ...]:
    [row] = db.execute("select * from stocksync.tick(%s)", (worker,)).fetchall()
    return row


def test_with_nothing_to_do_it_says_so(ledger: psycopg.Connection) -> None:
    assert tick(ledger) == (None, None, None, False)


def test_it_tells_what_is_due_and_what_is_not(ledger: psycopg.Connection) -> None:
    enqueue(ledger, run_at="2999-01-01")
    assert tick(ledger) == (None, None, None, False)
    enqueue(ledger)
    assert tick(ledger) == (None, None, None, True)
    take(ledger, "other")
    enqueue(ledger)
    assert tick(ledger) == (None, None, None, False), "the same is running"


def test_it_marks_the_job_of_this_worker_as_seen_and_no_other(ledger: psycopg.Connection) -> None:
    mine, other = enqueue(ledger), enqueue(ledger, "audit")
    take(ledger, "w")
    take(ledger, "other")
    before = job(ledger, other).seen_at
    for seconds in (0, 10):
        ledger.execute(
            "update stocksync.jobs set seen_at = seen_at - make_interval(secs => %s)", (seconds,)
        )
        assert tick(ledger) == (mine, 1, False, False)
        assert only(
            ledger,
            "select clock_timestamp() - seen_at < '5 seconds' from stocksync.jobs"
            " where worker = 'w'",
        )
    assert job(ledger, other).seen_at < before


def test_it_tells_that_somebody_cancelled_the_job(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    take(ledger, "w")
    ledger.execute("update stocksync.jobs set is_cancelled = true")
    assert tick(ledger) == (number, 1, True, False)


def test_it_reaps_what_others_lost(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    take(ledger, "other")
    lose(ledger, number)
    tick(ledger)
    assert states(ledger) == ["queued"]


def test_it_waits_for_nobody(ledger: psycopg.Connection, ledger_url: str) -> None:
    number = enqueue(ledger)
    take(ledger, "w")
    with session(ledger_url) as other, other.transaction():
        other.execute("select from stocksync.jobs for update")
        ledger.execute("set lock_timeout = '1ms'")
        assert tick(ledger) == (number, 1, False, False)
