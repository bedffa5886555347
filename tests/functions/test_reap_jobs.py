"""Finds the jobs that nobody will report on, and never one that is still running."""

import psycopg
from helpers import only, session
from job_helpers import enqueue, fail, job, lose, states, take


def reap(db: psycopg.Connection, lost_after: str = "30 seconds") -> int:
    return only(db, "select stocksync.reap_jobs(%s)", (lost_after,))


def test_a_job_whose_process_is_gone_is_tried_again(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    number = enqueue(ledger)
    with session(ledger_url) as worker:
        take(worker)
    assert reap(ledger) == 0, "it was heard of less than 30 seconds ago"
    assert reap(ledger, "0") == 1
    lost = job(ledger, number)
    assert (lost.state, lost.failures, lost.sqlstate) == ("queued", 1, None)
    assert lost.error == "the worker or its connection was lost"
    assert reap(ledger, "0") == 0


def test_silence_alone_proves_nothing(ledger: psycopg.Connection) -> None:
    """The process is there, and still in the statement that began the job: this transaction's."""
    enqueue(ledger)
    ledger.execute(
        "do $$begin perform stocksync._take_job(null); perform pg_sleep(0.01);"
        " if stocksync.reap_jobs('0') <> 0 then raise 'reaped'; end if; end$$"
    )
    assert states(ledger) == ["running"]


def test_a_process_that_does_something_else_by_now_is_no_sign_of_life(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    enqueue(ledger)
    with session(ledger_url) as worker:
        take(worker)  # and the statement ends, without an end of the job
        assert reap(ledger, "0") == 1


def test_a_process_that_began_after_the_job_only_has_its_number(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    enqueue(ledger)
    with session(ledger_url) as other:
        take(ledger)
        ledger.execute("update stocksync.jobs set pid = %s", (other.info.backend_pid,))
        assert reap(other, "0") == 1, "the process that asks is busy, but began later"


def test_a_job_that_began_before_the_server_is_lost_at_once(ledger: psycopg.Connection) -> None:
    enqueue(ledger)
    take(ledger)
    ledger.execute(
        "update stocksync.jobs set started_at = pg_postmaster_start_time() - interval '1 second'"
    )
    assert reap(ledger, "1 hour") == 1


def test_the_lost_one_joins_the_same_in_the_queue(ledger: psycopg.Connection) -> None:
    first = enqueue(ledger)
    take(ledger)
    second = enqueue(ledger)
    lose(ledger, first)
    assert reap(ledger) == 1
    assert (job(ledger, first).merged_into, states(ledger)) == (second, ["merged", "queued"])


def test_a_late_report_of_a_reaped_job_does_no_harm(ledger: psycopg.Connection) -> None:
    number = enqueue(ledger)
    running = take(ledger)
    lose(ledger, number)
    reap(ledger)
    assert fail(ledger, running, "57014") is None
    assert only(ledger, "select stocksync._finish_job(%s, %s, null)", running) is False
    assert states(ledger) == ["queued"]


def test_one_whose_subject_is_in_other_hands_is_left_for_the_next_time(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    lost = enqueue(ledger)
    take(ledger)
    other = enqueue(ledger, "audit")
    take(ledger)
    for number in (lost, other):
        lose(ledger, number)
    with session(ledger_url) as application, application.transaction():
        enqueue(application)
        assert reap(ledger) == 1
        assert (job(ledger, lost).state, job(ledger, other).state) == ("running", "queued")
    assert reap(ledger) == 1
    assert job(ledger, lost).state == "merged"


def test_one_that_somebody_holds_is_not_waited_for(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    number = enqueue(ledger)
    take(ledger)
    lose(ledger, number)
    with session(ledger_url) as other, other.transaction():
        other.execute("select from stocksync.jobs for update")
        assert reap(ledger) == 0
    assert reap(ledger) == 1
