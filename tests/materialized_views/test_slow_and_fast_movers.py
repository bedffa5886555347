"""What sells and what lies; by force in test_reports.py."""

from decimal import Decimal

import psycopg
from helpers import move, only, product

from materialized_views.test_stock_summary import REFRESH, ago


def sell(db: psycopg.Connection, sku: str, quantity: int, **columns: object) -> int:
    """Insert a product of which so much was bought long ago and sold yesterday."""
    number = product(db, sku, **columns)
    move(db, number, 2 * quantity, occurred_at=ago(db, 200))
    move(db, number, quantity, "sale", occurred_at=ago(db, 1))
    return number


def test_classes_by_share_of_value(ledger: psycopg.Connection) -> None:
    for sku, quantity in (("A", 70), ("B", 15), ("C", 10), ("D", 4), ("E", 1)):
        sell(ledger, sku, quantity)
    ledger.execute(REFRESH)
    assert ledger.execute(
        "select p.sku, m.share, m.cumulative_share, m.abc_class"
        " from stocksync.slow_and_fast_movers as m join products as p on p.id = m.product_id"
        " order by m.product_id"
    ).fetchall() == [
        ("A", Decimal("0.7"), Decimal("0.7"), "A"),
        ("B", Decimal("0.15"), Decimal("0.85"), "A"),  # begins below 80 %
        ("C", Decimal("0.1"), Decimal("0.95"), "B"),
        ("D", Decimal("0.04"), Decimal("0.99"), "C"),
        ("E", Decimal("0.01"), 1, "C"),
    ]


def test_value_is_units_times_cost_where_there_is_a_cost(ledger: psycopg.Connection) -> None:
    sell(ledger, "CHEAP", 90, unit_cost=1)
    sell(ledger, "DEAR", 9, unit_cost=1000)
    sell(ledger, "UNKNOWN", 5)
    ledger.execute(REFRESH)
    assert ledger.execute(
        "select sold_value from stocksync.slow_and_fast_movers order by product_id"
    ).fetchall() == [(90,), (9000,), (5,)]


def test_turnover_is_of_the_mean_of_all_days(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute("update stocksync.settings set report_days = 10")
    move(ledger, a, 20, occurred_at=ago(ledger, 200))
    move(ledger, a, 10, "sale", occurred_at=ago(ledger, 4))  # 20 on 5 days, 10 on 5
    ledger.execute(REFRESH)
    assert ledger.execute(
        "select average_on_hand, turnover from stocksync.slow_and_fast_movers"
    ).fetchall() == [(15, Decimal("0.666667"))]


def test_dead_stock_was_there_before_and_nothing_of_it_was_sold(
    ledger: psycopg.Connection,
) -> None:
    dead, young, gone = (product(ledger, sku) for sku in ("DEAD", "YOUNG", "GONE"))
    sold = sell(ledger, "SOLD", 5)
    move(ledger, dead, 5, occurred_at=ago(ledger, 100))
    move(ledger, young, 5, occurred_at=ago(ledger, 10))
    move(ledger, gone, 5, occurred_at=ago(ledger, 100))
    move(ledger, gone, 5, "damage", occurred_at=ago(ledger, 10))
    query = "select product_id from stocksync.slow_and_fast_movers where is_dead_stock"
    ledger.execute(REFRESH)
    assert ledger.execute(query).fetchall() == [(dead,)]
    move(ledger, dead, 1, "sale")  # today counts, too
    ledger.execute(REFRESH)
    assert ledger.execute(query).fetchall() == []
    assert only(
        ledger,
        "select days_without_sale from stocksync.slow_and_fast_movers where product_id = %s",
        (sold,),
    ) == 1  # fmt: skip
