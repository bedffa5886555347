"""What a run corrected, product by product."""

import psycopg
from helpers import move, only, product


def test_before_and_after_of_each_product(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10)
    move(ledger, b, 4)
    ledger.execute("update products set quantity_on_hand = 12, total_stock = 0 where sku = 'A'")
    ledger.execute("update products set total_stock = 7 where sku = 'B'")
    [(run,)] = ledger.execute("call stocksync.sync()").fetchall()
    assert ledger.execute("select * from stocksync.corrections(%s)", (run,)).fetchall() == [
        (a, "A", "A", 12, 10, 2, ["quantity_on_hand", "total_stock"]),
        (b, "B", "B", 4, 4, 0, ["total_stock"]),
    ]


def test_it_outlives_the_product(ledger: psycopg.Connection) -> None:
    a = product(ledger, quantity_on_hand=3)
    [(run,)] = ledger.execute("call stocksync.sync()").fetchall()
    ledger.execute("delete from products")
    assert ledger.execute("select * from stocksync.corrections(%s)", (run,)).fetchall() == [
        (a, None, None, 3, 0, 3, ["quantity_on_hand"])
    ]


def test_an_unknown_run_corrected_nothing(ledger: psycopg.Connection) -> None:
    assert only(ledger, "select count(*) from stocksync.corrections(999)") == 0
