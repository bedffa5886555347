"""Tries again whatever has failed for good."""

import psycopg
from helpers import product
from job_helpers import enqueue, fail, job, states, take


def test_every_failed_job_is_queued_and_nothing_else_changes(ledger: psycopg.Connection) -> None:
    failed = []
    for sku in "AB":
        failed.append(enqueue(ledger, "sync", product_id=product(ledger, sku)))
        fail(ledger, take(ledger), "XX000")
    done = enqueue(ledger)
    ledger.execute("select stocksync._finish_job(%s, %s, null)", take(ledger))
    waiting = enqueue(ledger)
    fail(ledger, take(ledger))
    rows = ledger.execute("select stocksync.retry_failed_jobs()").fetchall()
    assert sorted(number for (number,) in rows) == failed
    assert job(ledger, done).state == "done"
    assert job(ledger, waiting).failures == 1
    assert states(ledger).count("queued") == 3
    assert ledger.execute("select stocksync.retry_failed_jobs()").fetchall() == []


def test_of_several_about_the_same_one_is_left(ledger: psycopg.Connection) -> None:
    for force in (True, False, False):
        enqueue(ledger, "sync", force=force)
        fail(ledger, take(ledger), "XX000")
    [(left,)] = ledger.execute("select stocksync.retry_failed_jobs()").fetchall()
    assert states(ledger) == ["queued", "merged", "merged"]
    assert job(ledger, left).arguments == {"force": True}
