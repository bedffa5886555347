"""Builders for the tests of the queue."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import psycopg
from helpers import only, session
from psycopg.rows import namedtuple_row


def enqueue(db: psycopg.Connection, task: str = "refresh", **arguments: Any) -> int:
    """Put a job into the queue and return its number."""
    names = "".join(f", p_{name} => %({name})s" for name in arguments)
    return only(db, f"select stocksync.enqueue(%(task)s{names})", {"task": task, **arguments})


def take(db: psycopg.Connection, worker: str | None = None) -> tuple[int, int] | None:
    """Begin the next due job in this session; return its number and attempt, None if none is."""
    row = db.execute("select id, attempts from stocksync._take_job(%s)", (worker,)).fetchone()
    return row and (row[0], row[1])


def fail(db: psycopg.Connection, job: tuple[int, int], sqlstate: str | None = "40001") -> Any:
    """Report that an attempt failed; return what the job is now."""
    return only(db, "select stocksync.fail_job(%s, %s, %s, 'why')", (*job, sqlstate))


def job(db: psycopg.Connection, job_id: int) -> SimpleNamespace:
    """Return a job with all its columns."""
    with db.cursor(row_factory=namedtuple_row) as cursor:
        row = cursor.execute("select * from stocksync.jobs where id = %s", (job_id,)).fetchone()
    assert row is not None
    return SimpleNamespace(**row._asdict())


def states(db: psycopg.Connection) -> list[str]:
    """Return the state of every job, oldest first."""
    return [state for (state,) in db.execute("select state from stocksync.jobs order by id")]


def make_due(db: psycopg.Connection) -> None:
    """End every back-off."""
    db.execute("update stocksync.jobs set run_at = now() where state = 'queued'")


def lose(db: psycopg.Connection, job_id: int) -> None:
    """Make it look as if the worker of a running job had been killed a while ago."""
    db.execute(
        # no process has this number
        "update stocksync.jobs set pid = 2147483647, seen_at = seen_at - interval '31 seconds'"
        " where id = %s",
        (job_id,),
    )


@contextmanager
def endless_sync(db: psycopg.Connection, url: str) -> Iterator[int]:
    """Queue a sync that finds something to correct and cannot, until the block ends."""
    db.execute(
        "insert into products (sku, name, quantity_on_hand) values ('ENDLESS', 'x', 5)"
        " on conflict do nothing"
    )
    with session(url) as corrector, corrector.transaction():
        corrector.execute("select pg_advisory_xact_lock(stocksync._lock_key('roll_up'))")
        yield enqueue(db, "sync")


def wait_for_state(db: psycopg.Connection, job_id: int, *expected: str) -> None:
    """Return when the job is in one of these states."""
    deadline = time.monotonic() + 60
    while (state := job(db, job_id).state) not in expected:
        assert time.monotonic() < deadline, f"job {job_id} is {state}, never {expected}"
        time.sleep(0.01)
