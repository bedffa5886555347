"""The queue, as people ask for it: what needs somebody first."""

import psycopg
from helpers import acting_as, product
from job_helpers import enqueue, fail, take


def listed(db: psycopg.Connection, *arguments: object) -> list[tuple[int, str]]:
    marks = ", ".join(["%s"] * len(arguments))
    rows = db.execute(f"select id, state from stocksync.list_jobs({marks})", arguments)
    return [(number, state) for number, state in rows]


def fill(db: psycopg.Connection) -> dict[str, int]:
    """Make a job in each state, the one that comes last in the list first."""
    made = {}
    made["done"] = enqueue(db, "sync", product_id=product(db, "A"))
    db.execute("select stocksync._finish_job(%s, %s, null)", take(db))
    made["cancelled"] = enqueue(db, "sync", product_id=product(db, "B"))
    db.execute("select stocksync.cancel_job(%s)", (made["cancelled"],))
    made["merged"] = enqueue(db, "audit")
    taken = take(db)
    made["later"] = enqueue(db, "audit", run_at="2999-01-01")
    fail(db, taken)
    db.execute("update stocksync.jobs set run_at = '2999-01-01' where state = 'queued'")
    made["soon"] = enqueue(db, "sync", run_at="2998-01-01")
    made["failed"] = enqueue(db, "sync", product_id=product(db, "C"))
    fail(db, take(db), "XX000")
    made["running"] = enqueue(db, "refresh")
    take(db)
    return made


def test_failed_running_queued_and_then_the_newest_that_ended(ledger: psycopg.Connection) -> None:
    made = fill(ledger)
    assert listed(ledger) == [
        (made["failed"], "failed"),
        (made["running"], "running"),
        (made["soon"], "queued"),
        (made["later"], "queued"),
        (made["merged"], "merged"),
        (made["cancelled"], "cancelled"),
        (made["done"], "done"),
    ]


def test_one_state_and_so_many(ledger: psycopg.Connection) -> None:
    made = fill(ledger)
    assert listed(ledger, "queued") == [(made["soon"], "queued"), (made["later"], "queued")]
    assert listed(ledger, "queued", 1) == [(made["soon"], "queued")]
    assert listed(ledger, None, 2) == [(made["failed"], "failed"), (made["running"], "running")]
    assert len(listed(ledger, None, None)) == 7


def test_an_auditor_sees_it(ledger: psycopg.Connection) -> None:
    fill(ledger)
    with acting_as(ledger, "stocksync_auditor"):
        assert len(listed(ledger)) == 7
