"""What sells and what lies, as people ask for it."""

import psycopg
import pytest
from by_force import refresh
from helpers import acting_as, move, only, product, raises_sql


@pytest.fixture
def filled(today: psycopg.Connection) -> psycopg.Connection:
    """A, B, C are of these classes; D and E dead, E with more; N new; R returned; X deleted."""
    long_ago = only(today, "select now() - interval '100 days'")
    ids = {sku: product(today, sku, is_deleted=sku == "X") for sku in "EDXRNCBA"}
    for sku, sold in [("A", 80), ("B", 15), ("C", 5)]:
        move(today, ids[sku], sold, "sale")
    for sku, on_hand in [("D", 1), ("E", 2), ("X", 3), ("R", 4)]:
        move(today, ids[sku], on_hand, occurred_at=long_ago)
    move(today, ids["N"], 5)
    move(today, ids["R"], 1, "sale_return")
    refresh(today)
    return today


@pytest.mark.parametrize(
    ("arguments", "skus"),
    [
        ("", "ABCNEDR"),
        ("p_sku => 'X'", "X"),
        ("p_abc_class => 'B'", "B"),
        ("p_dead => true", "EDR"),
        ("p_dead => true, p_limit => 1", "E"),
        ("p_dead => true, p_abc_class => 'A'", ""),
        ("p_limit => 4", "ABCN"),
    ],
)
def test_what_sold_for_most_is_at_the_top(
    filled: psycopg.Connection, arguments: str, skus: str
) -> None:
    rows = filled.execute(f"select sku from stocksync.report_movers({arguments})").fetchall()
    assert "".join(sku for (sku,) in rows) == skus


def test_it_tells_what_the_view_does(filled: psycopg.Connection) -> None:
    columns = (
        "product_id, sold, sold_value, abc_class, on_hand,"
        " average_on_hand, turnover, last_sale_on, days_without_sale, is_dead_stock"
    )
    assert (
        filled.execute(
            f"select product_id from (select {columns} from stocksync.slow_and_fast_movers"
            f" except select {columns} from stocksync.report_movers()) as missing"
        ).fetchall()
        == filled.execute("select id from products where is_deleted").fetchall()
    )


def test_bad_input_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("22023", 'unknown class "a"', message_hint='Classes are "A", "B" and "C".'):
        ledger.execute("select * from stocksync.report_movers(p_abc_class => 'a')")
    with raises_sql("P0002", 'unknown sku "X"'):
        ledger.execute("select * from stocksync.report_movers('X')")


def test_it_is_for_auditors(filled: psycopg.Connection) -> None:
    with acting_as(filled, "stocksync_auditor"):
        assert only(filled, "select count(*) from stocksync.report_movers()") == 7
