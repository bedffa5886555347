"""Runs the job that has been due for longest, from any session, without Python."""

import psycopg
import pytest
from helpers import acting_as, differences, only, product, raises_sql, session, stock
from job_helpers import endless_sync, enqueue, fail, job, lose, make_due, states, take
from psycopg import IsolationLevel


def run_job(db: psycopg.Connection) -> int | None:
    return only(db, "call stocksync.run_job()")


def test_with_nothing_due_it_returns_null(ledger: psycopg.Connection) -> None:
    assert run_job(ledger) is None
    number = enqueue(ledger, run_at="2999-01-01")
    assert run_job(ledger) is None
    assert job(ledger, number).attempts == 0


@pytest.mark.parametrize("task", ["sync", "refresh", "audit"])
def test_it_runs_the_job_and_keeps_the_number_of_its_run(
    ledger: psycopg.Connection, task: str
) -> None:
    a = product(ledger, quantity_on_hand=5, total_stock=5)
    number = enqueue(ledger, task)
    told: list[str] = []
    ledger.add_notice_handler(lambda diagnostic: told.append(diagnostic.message_primary or ""))
    assert run_job(ledger) == number
    assert told == [f"job {number} begins: {task}, attempt 1"]
    done = job(ledger, number)
    assert (done.state, done.attempts, done.pid) == ("done", 1, ledger.info.backend_pid)
    assert done.worker == f"{ledger.info.user}, process {ledger.info.backend_pid}"
    assert done.started_at <= done.seen_at <= done.finished_at
    assert ledger.execute(
        "select id, command, finished_at is not null from stocksync.runs"
    ).fetchall() == [(done.run_id, task, True)]
    assert stock(ledger, a) == (5 if task == "audit" else 0)


def test_a_sync_is_given_its_arguments(ledger: psycopg.Connection) -> None:
    a, b = (product(ledger, sku, quantity_on_hand=5) for sku in "AB")
    enqueue(ledger, "sync", product_id=a, since="2000-01-01", force=True)
    ledger.execute("insert into stock_movements (product_id, transaction_type, quantity)"
                   " values (%s, 'purchase', 1)", (a,))  # fmt: skip
    run_job(ledger)
    assert (stock(ledger, a), stock(ledger, b)) == (1, 5)
    options = only(ledger, "select options from stocksync.runs")
    assert (options["product_id"], options["force"], "since" in options) == (a, True, True)


def test_the_one_that_has_waited_longest_comes_first(ledger: psycopg.Connection) -> None:
    numbers = [
        enqueue(ledger, task, run_at=at)
        for task, at in (("refresh", "2026-01-02"), ("audit", "2026-01-01"), ("sync", "2026-01-02"))
    ]
    assert [run_job(ledger) for _ in range(4)] == [numbers[1], numbers[0], numbers[2], None]


def test_a_refresh_that_finds_another_one_running_is_done(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    number = enqueue(ledger)
    with session(ledger_url) as other, other.transaction():
        other.execute("select pg_advisory_xact_lock(stocksync._lock_key('refresh'))")
        assert run_job(ledger) == number
    assert (job(ledger, number).state, job(ledger, number).run_id) == ("done", None)


def test_an_error_reaches_the_caller_and_the_job_waits_for_a_report(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    number = enqueue(ledger, "sync", product_id=a)
    ledger.execute("delete from products")
    with raises_sql("P0002", f"product {a} does not exist"):
        run_job(ledger)
    assert job(ledger, number).state == "running"
    assert fail(ledger, (number, 1), "P0002") == "failed"


def test_what_nobody_reported_is_found_by_the_next_call(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    """A DBA or pg_cron needs nothing but the call."""
    ledger.execute("update stocksync.settings set job_backoff = '{0}'")
    number = enqueue(ledger)
    take(ledger)
    lose(ledger, number)
    assert run_job(ledger) == number
    assert (job(ledger, number).attempts, job(ledger, number).failures) == (2, 1)


def test_the_server_ends_it_after_the_timeout(ledger: psycopg.Connection, ledger_url: str) -> None:
    """Though it commits all the while. What fails like this is not tried again."""
    ledger.execute("update stocksync.settings set job_timeout = '0.3 seconds'")
    with endless_sync(ledger, ledger_url) as number, session(ledger_url) as worker:
        worker.execute("select stocksync.use_job_timeout()")
        with raises_sql("57014", "canceling statement due to statement timeout"):
            run_job(worker)
        assert fail(worker, (number, 1), "57014") == "failed"


def test_it_cannot_be_called_inside_a_transaction(ledger: psycopg.Connection) -> None:
    enqueue(ledger)
    with raises_sql("2D000", "invalid transaction termination"), ledger.transaction():
        run_job(ledger)
    assert states(ledger) == ["queued"]


@pytest.mark.parametrize("level", list(IsolationLevel))
def test_the_isolation_level_of_the_session_does_not_matter(
    ledger: psycopg.Connection, level: IsolationLevel
) -> None:
    ledger.execute(f"set default_transaction_isolation = '{level.name.replace('_', ' ')}'")
    for task in ("sync", "refresh", "audit"):
        enqueue(ledger, task)
        fail(ledger, take(ledger))
    make_due(ledger)
    product(ledger, quantity_on_hand=5)
    while run_job(ledger) is not None:
        pass
    assert states(ledger) == ["done"] * 3
    assert differences(ledger) == []


def test_an_operator_runs_jobs_and_others_do_not(ledger: psycopg.Connection) -> None:
    for role in ("stocksync_app", "stocksync_auditor"):
        with (
            raises_sql("42501", "permission denied for procedure run_job"),
            acting_as(ledger, role),
        ):
            run_job(ledger)
    with acting_as(ledger, "stocksync_operator"):
        for task in ("sync", "refresh", "audit"):
            assert run_job(ledger) is None
            number = enqueue(ledger, task)
            assert run_job(ledger) == number
    assert states(ledger) == ["done"] * 3
