"""How long the stock lasts, as people ask for it."""

from decimal import Decimal

import psycopg
import pytest
from by_force import refresh
from helpers import acting_as, move, only, product, raises_sql


@pytest.fixture
def filled(today: psycopg.Connection) -> psycopg.Connection:
    """Products with cover of 20, 0 (twice: C sells more) and 5 days; one unsold, one deleted."""
    for sku, on_hand, sold in [("A", 20, 30), ("B", 0, 30), ("C", -3, 60), ("D", 5, 30)]:
        id_ = product(today, sku)
        move(today, id_, on_hand + sold, occurred_at=only(today, "select now() - interval '40 d'"))
        move(today, id_, sold, "sale", occurred_at=only(today, "select now() - interval '3 d'"))
    move(today, product(today, "E"), 7)
    move(today, product(today, "F", is_deleted=True), 7)
    refresh(today)
    return today


@pytest.mark.parametrize(
    ("arguments", "skus"),
    [
        ("", "CBDAE"),
        ("p_sku => 'E'", "E"),
        ("p_sku => 'F'", "F"),
        ("p_cover_below => 20", "CBD"),
        ("p_cover_below => 20.1", "CBDA"),
        ("p_limit => 3", "CBD"),
        ("p_limit => 0", ""),
        ("p_sku => 'A', p_cover_below => 20", ""),
    ],
)
def test_what_runs_out_first_is_at_the_top(
    filled: psycopg.Connection, arguments: str, skus: str
) -> None:
    rows = filled.execute(f"select sku from stocksync.report_stock({arguments})").fetchall()
    assert "".join(sku for (sku,) in rows) == skus


def test_it_tells_what_the_view_does(filled: psycopg.Connection) -> None:
    columns = [
        name
        for (name,) in filled.execute(
            "select attname from pg_attribute where attnum > 0"
            " and attrelid = 'stocksync.stock_summary'::regclass"
        )
    ]
    assert (
        filled.execute(
            f"select {', '.join(columns)} from stocksync.stock_summary"
            f" except select {', '.join(columns)} from stocksync.report_stock()"
        ).fetchall()
        == filled.execute(
            "select s.* from stocksync.stock_summary as s"
            " join products as p on p.id = s.product_id where p.is_deleted"
        ).fetchall()
    )


def test_sales_of_the_last_thirty_whole_days_oldest_first(filled: psycopg.Connection) -> None:
    a = only(filled, "select id from products where sku = 'A'")
    for days, quantity, kind in [
        (0, 1, "sale"), (1, 2, "sale"), (1, 5, "sale_return"), (30, 3, "sale"), (31, 9, "sale"),
    ]:  # fmt: skip
        at = only(filled, "select now() - make_interval(days => %s)", (days,))
        move(filled, a, quantity, kind, occurred_at=at)
    move(filled, a, 9, "damage", occurred_at=only(filled, "select now() - interval '1 day'"))
    refresh(filled)
    sold = only(filled, "select sold_by_day from stocksync.report_stock('A')")
    assert sold == [Decimal(3), *[0] * 26, Decimal(30), 0, Decimal(-3)]
    assert sum(sold) == 30 * only(filled, "select daily_sales_30 from stocksync.report_stock('A')")


def test_a_new_product_is_there_after_the_next_refresh(filled: psycopg.Connection) -> None:
    product(filled, "NEW")
    assert filled.execute("select * from stocksync.report_stock('NEW')").fetchall() == []
    refresh(filled)
    assert only(filled, "select sku from stocksync.report_stock('NEW')") == "NEW"


def test_an_unknown_sku_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", 'unknown sku "X"'):
        ledger.execute("select * from stocksync.report_stock('X')")


def test_it_is_for_auditors(filled: psycopg.Connection) -> None:
    with acting_as(filled, "stocksync_auditor"):
        assert only(filled, "select count(*) from stocksync.report_stock()") == 5
    with (
        acting_as(filled, "stocksync_app"),
        raises_sql("42501", "permission denied for function report_stock"),
        filled.transaction(),
    ):
        filled.execute("select * from stocksync.report_stock()")
