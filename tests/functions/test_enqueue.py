"""Puts a job into the queue, or joins the one that is queued for the same."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from helpers import acting_as, only, product, raises_sql, session
from job_helpers import enqueue, fail, job, states, take


def test_a_job_is_queued_with_what_it_was_asked_for(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    number = enqueue(ledger, "sync", product_id=a, since="2025-01-01 00:00+00", force=True)
    queued = job(ledger, number)
    assert (queued.task, queued.subject, queued.state) == ("sync", f"sync product {a}", "queued")
    assert queued.arguments == {
        "product_id": a,
        "since": "2025-01-01T00:00:00+00:00",
        "force": True,
    }
    assert (queued.attempts, queued.failures, queued.enqueued_by) == (0, 0, ledger.info.user)
    assert queued.run_at <= queued.enqueued_at
    assert job(ledger, enqueue(ledger, "sync")).arguments == {}


@pytest.mark.parametrize(
    ("task", "subject"), [("sync", "sync"), ("refresh", "refresh"), ("audit", "audit")]
)
def test_the_same_is_queued_once(ledger: psycopg.Connection, task: str, subject: str) -> None:
    assert enqueue(ledger, task) == enqueue(ledger, task)
    assert only(ledger, "select array_agg(subject) from stocksync.jobs") == [subject]


def test_products_are_subjects_of_their_own(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    numbers = [enqueue(ledger, "sync", **which) for which in ({}, {"product_id": a})]
    numbers.append(enqueue(ledger, "sync", product_id=b))
    assert len(set(numbers)) == 3
    assert enqueue(ledger, "sync", product_id=b) == numbers[2]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"since": "2025-02-01"}, {"since": "2025-01-01"}, {"since": "2025-01-01"}),
        ({"since": "2025-01-01"}, {"since": "2025-02-01"}, {"since": "2025-01-01"}),
        ({"since": "2025-02-01"}, {}, {}),
        ({}, {"since": "2025-02-01"}, {}),
        ({"force": True}, {}, {"force": True}),
        ({}, {"force": True}, {"force": True}),
        ({"force": False}, {}, {}),
        (
            {"since": "2025-02-01", "force": True},
            {"since": "-infinity"},
            {"since": "-infinity", "force": True},
        ),
    ],
)
def test_what_joins_a_queued_job_widens_it(
    ledger: psycopg.Connection, one: dict, other: dict, both: dict
) -> None:
    number = enqueue(ledger, "sync", **one)
    assert enqueue(ledger, "sync", **other) == number
    arguments = job(ledger, number).arguments
    if "since" in arguments:
        arguments["since"] = arguments["since"].split("T")[0]
    assert arguments == both


def test_the_earlier_time_holds(ledger: psycopg.Connection) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    number = enqueue(ledger, run_at=later)
    assert job(ledger, number).run_at == later
    enqueue(ledger, run_at=later + timedelta(hours=1))
    assert job(ledger, number).run_at == later
    assert take(ledger) is None
    enqueue(ledger)
    assert take(ledger) == (number, 1)


def test_a_job_waiting_to_be_tried_again_runs_now_if_somebody_asks(
    ledger: psycopg.Connection,
) -> None:
    number = enqueue(ledger)
    fail(ledger, take(ledger))
    assert take(ledger) is None
    assert enqueue(ledger) == number
    assert take(ledger) == (number, 2)


def test_while_one_runs_the_same_is_queued_and_runs_after_it(
    ledger: psycopg.Connection,
) -> None:
    first = enqueue(ledger)
    running = take(ledger)
    second = enqueue(ledger)
    assert second != first
    assert enqueue(ledger) == second
    assert take(ledger) is None
    ledger.execute("select stocksync._finish_job(%s, %s, null)", running)
    assert take(ledger) == (second, 1)


def test_what_is_rolled_back_was_never_queued(ledger: psycopg.Connection) -> None:
    with ledger.transaction(force_rollback=True):
        enqueue(ledger)
    assert states(ledger) == []


def test_whoever_listens_is_told_at_commit(ledger: psycopg.Connection, ledger_url: str) -> None:
    with session(ledger_url) as listener:
        listener.execute("listen stocksync")
        with ledger.transaction():
            enqueue(ledger)
            assert list(listener.notifies(timeout=0.05)) == []
        [told] = listener.notifies(timeout=30, stop_after=1)
        assert told.channel == "stocksync"


def test_what_makes_no_sense_is_refused(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    refused = [
        ("x", {}, "jobs_task_known"),
        ("refresh", {"product_id": a}, "jobs_arguments_of_sync"),
        ("audit", {"force": True}, "jobs_arguments_of_sync"),
        ("refresh", {"since": "2025-01-01"}, "jobs_arguments_of_sync"),
        ("refresh", {"run_at": "infinity"}, "jobs_run_at_finite"),
    ]
    for task, arguments, constraint in refused:
        with raises_sql(
            "23514",
            f'new row for relation "jobs" violates check constraint "{constraint}"',
            constraint_name=constraint,
        ):
            enqueue(ledger, task, **arguments)
    with raises_sql("P0002", "product 99 does not exist"):
        enqueue(ledger, "sync", product_id=99)
    with raises_sql("22023", "infinity is in the future"):
        enqueue(ledger, "sync", since="infinity")
    with raises_sql(
        "23502", 'null value in column "task" of relation "jobs" violates not-null constraint'
    ):
        enqueue(ledger, None)  # type: ignore[arg-type]
    assert states(ledger) == []


def test_an_operator_queues_in_its_own_name_and_others_do_not(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_operator"):
        enqueue(ledger, "sync", force=True)
        enqueue(ledger, "sync", since="2025-01-01")
    for role in ("stocksync_app", "stocksync_auditor"):
        with raises_sql("42501", "permission denied for function enqueue"), acting_as(ledger, role):
            enqueue(ledger)
