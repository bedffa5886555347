"""The trend of past audits."""

import psycopg
from audit_helpers import record_audit, stock
from helpers import acting_as, move, only, product


def test_audits_of_everything_the_last_first(ledger: psycopg.Connection) -> None:
    product(ledger, "A")
    first = record_audit(ledger, stock(1, classes=["negative", "stock_vs_total_stock"]))
    record_audit(ledger, stock(1, classes=["negative"]), products=1, product_id=1)
    last = record_audit(ledger, stock(1, classes=["lag"]), compared=6)
    with acting_as(ledger, "stocksync_auditor"):
        listed = ledger.execute(
            "select run_id, products, mismatches, by_class from stocksync.list_audits()"
        ).fetchall()
        assert listed == [
            (last, 6, 0, {"lag": 1}),
            (first, 5, 1, {"negative": 1, "stock_vs_total_stock": 1}),
        ]
        assert only(ledger, "select run_id from stocksync.list_audits(1)") == last


def test_a_real_audit_is_listed_and_one_that_was_killed_is_not(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 1)
    run = only(ledger, "call stocksync.audit()")
    listed = "select run_id, products, mismatches, by_class from stocksync.list_audits()"
    assert ledger.execute(listed).fetchall() == [(run, 1, 0, {})]
    ledger.execute("update stocksync.runs set finished_at = null")
    assert ledger.execute(listed).fetchall() == []
