"""What an undo would do. That the live run does the same is in procedures/test_undo.py."""

import psycopg
from helpers import move, only, product


def test_products_are_sorted_and_only_those_that_change_are_there(
    ledger: psycopg.Connection,
) -> None:
    b, a = product(ledger, "B"), product(ledger, "A")
    product(ledger, "C")
    move(ledger, b, 3)
    move(ledger, a, 4, "sale")
    assert ledger.execute(
        "select sku, movements, quantity_before, change, quantity_after"
        " from stocksync.undo_dry_run(p_since => '2020-01-01')"
    ).fetchall() == [("A", 1, -4, 4, 0), ("B", 1, 3, -3, 0)]


def test_it_reads_only(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 3)
    with ledger.transaction():
        ledger.execute("set transaction read only")
        ledger.execute("select * from stocksync.undo_dry_run(p_since => '2020-01-01')")


def test_what_waits_for_a_busy_product_counts_as_stock(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 3)
    ledger.execute("set session_replication_role = replica")
    ledger.execute("insert into stocksync._pending (product_id, quantity) values (%s, 2)", (a,))
    ledger.execute("set session_replication_role = origin")
    before = "select quantity_before from stocksync.undo_dry_run(p_since => '2020-01-01')"
    assert only(ledger, before) == 5
