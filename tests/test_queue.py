"""Sessions that meet at the queue: nothing is lost, nothing runs twice at once, nobody fails."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import chain

import psycopg
import pytest
from helpers import Actor, only, product, raises_sql, session
from job_helpers import (
    endless_sync,
    enqueue,
    fail,
    job,
    lose,
    make_due,
    states,
    take,
    wait_for_state,
)
from test_concurrency import at_once, together, wait_until_blocked

ENQUEUE = "select stocksync.enqueue('refresh')"
RUN_JOB = "call stocksync.run_job()"


def test_eight_that_enqueue_at_once_get_one_job(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    for _ in range(20):
        numbers = at_once(ledger_url, 8, ENQUEUE)
        assert len(set(numbers)) == 1, numbers
        ledger.execute("select stocksync.cancel_job(%s)", numbers[0])


def test_a_job_is_taken_by_one(ledger: psycopg.Connection, ledger_url: str) -> None:
    for _ in range(20):
        number = enqueue(ledger)
        taken = at_once(ledger_url, 4, "select id, attempts from stocksync._take_job(null)")
        assert [row for row in taken if row is not None] == [(number, 1)]
        ledger.execute("select stocksync._finish_job(%s, 1, null)", (number,))


def test_workers_share_the_jobs_and_each_is_run_once(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    numbers = [
        enqueue(ledger, "sync", product_id=product(ledger, f"P{n}", quantity_on_hand=n))
        for n in range(1, 41)
    ]

    def work() -> list[int]:
        with session(ledger_url) as worker:
            done = []
            while (number := only(worker, RUN_JOB)) is not None:
                done.append(number)
            return done

    done = together(*[work] * 4)
    assert sorted(chain(*done)) == numbers
    assert Counter(states(ledger)) == {"done": 40}
    assert only(ledger, "select array_agg(distinct attempts) from stocksync.jobs") == [1]
    assert only(ledger, "select count(*) from stocksync.incidents") == 40


def test_what_is_enqueued_while_the_same_is_being_taken_is_not_lost(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    """The one who asks waits to see which of the two it is."""
    taker, asker = actor("taker"), actor("asker")
    first = enqueue(ledger)
    taker("begin")
    taker("select from stocksync._take_job(null)")
    asked = asker.start(ENQUEUE)
    wait_until_blocked(ledger, "asker")
    taker("commit")
    [(second,)] = asked.result(60)
    assert second != first
    assert (job(ledger, first).state, job(ledger, second).state) == ("running", "queued")


def test_the_running_one_fails_while_the_same_is_being_enqueued(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    """Nothing is lost, and neither gets an error: the retry joins what comes."""
    worker, asker = actor("worker"), actor("asker")
    first = enqueue(ledger)
    [(_, attempt)] = worker("select id, attempts from stocksync._take_job(null)")
    asker("begin")
    [(second,)] = asker(ENQUEUE)
    reported = worker.start("select stocksync.fail_job(%s, %s, '40001', 'why')", (first, attempt))
    wait_until_blocked(ledger, "worker")
    asker("commit")
    assert reported.result(60) == [("merged",)]
    assert (job(ledger, second).state, job(ledger, second).failures) == ("queued", 1)


def test_the_one_it_would_join_is_rolled_back(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    worker, asker = actor("worker"), actor("asker")
    first = enqueue(ledger)
    [(_, attempt)] = worker("select id, attempts from stocksync._take_job(null)")
    asker("begin")
    asker(ENQUEUE)
    reported = worker.start("select stocksync.fail_job(%s, %s, '40001', 'why')", (first, attempt))
    wait_until_blocked(ledger, "worker")
    asker("rollback")
    assert reported.result(60) == [("queued",)]
    assert job(ledger, first).state == "queued"


def test_the_one_it_would_join_is_cancelled(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    worker, canceller = actor("worker"), actor("canceller")
    first = enqueue(ledger)
    [(_, attempt)] = worker("select id, attempts from stocksync._take_job(null)")
    second = enqueue(ledger)
    canceller("begin")
    canceller("select stocksync.cancel_job(%s)", (second,))
    reported = worker.start("select stocksync.fail_job(%s, %s, '40001', 'why')", (first, attempt))
    wait_until_blocked(ledger, "worker")
    canceller("commit")
    assert reported.result(60) == [("queued",)]
    assert (job(ledger, first).state, job(ledger, second).state) == ("queued", "cancelled")


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_with_an_old_snapshot_a_report_is_refused_and_can_be_repeated(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], level: str
) -> None:
    worker = actor("worker")
    first = enqueue(ledger)
    [(_, attempt)] = worker("select id, attempts from stocksync._take_job(null)")
    worker(f"begin isolation level {level}")
    worker("select 1")
    second = enqueue(ledger)
    report = "select stocksync.fail_job(%s, %s, '40001', 'why')"
    with raises_sql("40001", f"job {first} was queued by another transaction"):
        worker(report, (first, attempt))
    worker("rollback")
    assert worker(report, (first, attempt)) == [("merged",)]
    assert job(ledger, second).state == "queued"


def test_reports_retries_and_requests_at_once_leave_one_job_queued(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    """No order of theirs is an error, a deadlock, or a loss."""
    for _ in range(30):
        failed = enqueue(ledger, "sync", since="2024-01-01")
        fail(ledger, take(ledger), "XX000")
        number = enqueue(ledger, "sync", since="2025-01-01")
        running = take(ledger)
        lose(ledger, number)

        def act(query: str, *parameters: object) -> Callable[[], object]:
            def job_of_a_session() -> object:
                with session(ledger_url) as connection:
                    return connection.execute(query, parameters).fetchall()

            return job_of_a_session

        together(
            act("select stocksync.fail_job(%s, %s, '40001', 'why')", *running),
            act("select stocksync.reap_jobs('0')"),
            act("select stocksync.enqueue('sync', p_since => '2026-01-01', p_force => true)"),
            act("select stocksync.enqueue('sync', p_since => '2023-01-01')"),
            act("select stocksync.retry_failed_jobs()"),
            act("select stocksync.tick('x')"),
        )
        ledger.execute("select stocksync.retry_failed_jobs()")
        [(left, arguments)] = ledger.execute(
            "select id, arguments from stocksync.jobs where state = 'queued'"
        ).fetchall()
        assert arguments["since"].startswith("2023-01-01")
        assert arguments["force"] is True
        assert {job(ledger, n).state for n in (failed, number)} <= {"merged", "queued"}
        ledger.execute("select stocksync.cancel_job(%s)", (left,))
        ledger.execute("delete from stocksync.jobs")


def test_retrying_all_and_retrying_one_do_not_deadlock(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    for _ in range(20):
        numbers = []
        for _ in range(4):
            numbers.append(enqueue(ledger))
            fail(ledger, take(ledger), "XX000")

        def retry_all() -> None:
            with session(ledger_url) as connection:
                connection.execute("select stocksync.retry_failed_jobs()")

        def retry_one(number: int = numbers[-1]) -> None:
            merged = psycopg.errors.ObjectNotInPrerequisiteState
            with session(ledger_url) as connection, suppress(merged):
                connection.execute("select stocksync.retry_job(%s)", (number,))

        together(retry_all, retry_one, retry_all)
        assert Counter(states(ledger)) == {"merged": 3, "queued": 1}
        ledger.execute("delete from stocksync.jobs")


def test_a_running_job_is_ended_and_not_tried_again(
    ledger: psycopg.Connection, ledger_url: str, actor: Callable[[str], Actor]
) -> None:
    worker = actor("worker")
    with endless_sync(ledger, ledger_url) as number:
        running = worker.start(RUN_JOB)
        wait_for_state(ledger, number, "running")
        assert only(ledger, "select stocksync.cancel_job(%s)", (number,)) == "running"
        with raises_sql("57014", "canceling statement due to user request"):
            running.result(60)
        assert fail(ledger, (number, 1), "57014") == "cancelled"


def test_a_job_is_cancelled_while_it_is_being_taken(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    taker, canceller = actor("taker"), actor("canceller")
    number = enqueue(ledger)
    taker("begin")
    taker("select from stocksync._take_job(null)")
    cancelled = canceller.start("select stocksync.cancel_job(%s)", (number,))
    wait_until_blocked(ledger, "canceller")
    taker("commit")
    # The statement that took it has ended without an end of the job: nobody runs it.
    assert cancelled.result(60) == [("cancelled",)]


def test_a_job_is_taken_while_it_is_being_cancelled(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    """Whoever looks for work goes past it."""
    taker, canceller = actor("taker"), actor("canceller")
    number, other = enqueue(ledger), enqueue(ledger, "audit")
    canceller("begin")
    canceller("select stocksync.cancel_job(%s)", (number,))
    assert taker("select id from stocksync._take_job(null)") == [(other,)]
    canceller("commit")
    assert taker("select id from stocksync._take_job(null)") == []


def test_a_cancellation_that_meets_the_end_of_the_job_harms_no_other_statement(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    """The job's row is held: its statement cannot have got to its end, nor begun another."""
    ends = Counter()
    for _ in range(60):
        number = enqueue(ledger, "audit")

        def run() -> None:
            with session(ledger_url) as worker:
                try:
                    worker.execute(RUN_JOB)
                except psycopg.errors.QueryCanceled:
                    worker.execute(
                        "select stocksync.fail_job(id, attempts, '57014', 'why')"
                        " from stocksync.jobs where state = 'running'"
                    )
                worker.execute("select pg_sleep(0.01)")  # must not be what is cancelled

        def cancel(number: int = number) -> None:
            ended = psycopg.errors.ObjectNotInPrerequisiteState
            with session(ledger_url) as canceller, suppress(ended):
                canceller.execute("select stocksync.cancel_job(%s)", (number,))

        together(run, cancel)
        ends[job(ledger, number).state] += 1
    assert set(ends) <= {"done", "cancelled"}, ends


def test_reaping_meets_the_end_of_the_job(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    """Whoever is first has it, and the other one counts for nothing."""
    worker = actor("worker")
    number = enqueue(ledger)
    [(_, attempt)] = worker("select id, attempts from stocksync._take_job(null)")
    lose(ledger, number)
    worker("begin")
    assert worker("select stocksync._finish_job(%s, %s, null)", (number, attempt)) == [(True,)]
    assert only(ledger, "select stocksync.reap_jobs()") == 0
    worker("rollback")
    assert only(ledger, "select stocksync.reap_jobs()") == 1
    assert worker("select stocksync._finish_job(%s, %s, null)", (number, attempt)) == [(False,)]
    make_due(ledger)
    assert take(ledger) == (number, 2)


def test_a_statement_that_still_runs_is_not_lost_however_silent(
    ledger: psycopg.Connection, ledger_url: str, actor: Callable[[str], Actor]
) -> None:
    worker = actor("worker")
    with endless_sync(ledger, ledger_url) as number:
        running = worker.start(RUN_JOB)
        wait_for_state(ledger, number, "running")
        assert only(ledger, "select stocksync.reap_jobs('0')") == 0
    assert running.result(60) == [(number,)]
    assert job(ledger, number).state == "done"


def test_a_statement_without_a_timeout_is_ended_by_whoever_reaps(
    ledger: psycopg.Connection, ledger_url: str, actor: Callable[[str], Actor]
) -> None:
    worker = actor("worker")
    with endless_sync(ledger, ledger_url) as number:
        running = worker.start(RUN_JOB)
        wait_for_state(ledger, number, "running")
        assert only(ledger, "select stocksync.reap_jobs()") == 0
        assert only(ledger, "select stocksync.reap_jobs(p_late_after => '-1 hour')") == 1
        with raises_sql("57014", "canceling statement due to user request"):
            running.result(60)
    late = job(ledger, number)
    assert (late.state, late.sqlstate, late.error) == (
        "failed",
        "57014",
        "the job took longer than it may",
    )


def test_a_worker_that_was_killed_in_its_job(
    ledger: psycopg.Connection, ledger_url: str, actor: Callable[[str], Actor]
) -> None:
    worker = actor("worker")
    with endless_sync(ledger, ledger_url) as number:
        running = worker.start(RUN_JOB)
        wait_for_state(ledger, number, "running")
        ledger.execute("select pg_terminate_backend(pid) from stocksync.jobs")
        with pytest.raises(psycopg.errors.AdminShutdown):
            running.result(60)
        assert only(ledger, "select stocksync.reap_jobs()") == 0
        assert only(ledger, "select stocksync.reap_jobs('0')") == 1
        make_due(ledger)
    assert only(ledger, RUN_JOB) == number
