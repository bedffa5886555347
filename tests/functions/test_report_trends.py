"""What moved in each period, as people ask for it."""

import psycopg
import pytest
from helpers import move, product, raises_sql
from materialized_views.test_stock_summary import REFRESH, ago, today


def test_periods_without_movements_are_there_with_zeros(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at=ago(ledger, 3))
    move(ledger, a, 4, "sale")
    ledger.execute(REFRESH)
    found = ledger.execute(
        "select transaction_type, quantity, movements, is_complete"
        " from stocksync.report_trends('day')"
    ).fetchall()
    days = [("purchase", q, n) for q, n in ((10, 1), (0, 0), (0, 0), (0, 0))]
    days += [("sale", q, n) for q, n in ((0, 0), (0, 0), (0, 0), (4, 1))]
    ended = [True, True, True, False]
    assert found == [(*day, is_over) for day, is_over in zip(days, ended * 2, strict=True)]
    [only_sale] = ledger.execute(
        "select distinct transaction_type from stocksync.report_trends('week', 'sale')"
    )
    assert only_sale == ("sale",)


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_the_newest_period_is_that_of_today(ledger: psycopg.Connection, period: str) -> None:
    move(ledger, product(ledger), 4)
    ledger.execute(REFRESH)
    [(starts_on, is_complete)] = ledger.execute(
        "select starts_on, is_complete from stocksync.report_trends(%s)", (period,)
    ).fetchall()
    assert starts_on <= today(ledger)
    assert not is_complete


def test_an_empty_shop_has_no_trends(ledger: psycopg.Connection) -> None:
    ledger.execute(REFRESH)
    assert ledger.execute("select * from stocksync.report_trends()").fetchall() == []


def test_an_unknown_period_and_an_unknown_type(ledger: psycopg.Connection) -> None:
    with raises_sql("22023", 'unknown period "year"'):
        ledger.execute("select * from stocksync.report_trends('year')")
    with raises_sql("P0002", 'unknown transaction type "gift"'):
        ledger.execute("select * from stocksync.report_trends('day', 'gift')")
