"""What an audit found is there to be read afterwards."""

import psycopg
from helpers import move, only, product


def test_findings_are_those_of_the_moment_of_the_audit(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10)
    move(ledger, b, 10)
    ledger.execute("update products set quantity_on_hand = 12 where id = %s", (a,))
    run = only(ledger, "call stocksync.audit()")
    found = (
        "select product_id, sku, status, quantity_on_hand, total_stock, ledger, by_location,"
        " difference, movements, classes, causes from stocksync.findings(%s)"
    )
    expected = [
        (a, "A", "active", 12, 10, 10, 10, 2, 1,
         ["on_hand_vs_ledger", "stock_vs_total_stock"], ["manual_update"]),
    ]  # fmt: skip
    assert ledger.execute(found, (run,)).fetchall() == expected
    ledger.execute("call stocksync.sync()")
    assert ledger.execute(found, (run,)).fetchall() == expected


def test_an_unknown_run_found_nothing(ledger: psycopg.Connection) -> None:
    assert ledger.execute("select * from stocksync.findings(77)").fetchall() == []
