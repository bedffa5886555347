"""What moved in each period, without gaps."""

import psycopg
import pytest
from by_force import refresh
from helpers import acting_as, move, only, product, raises_sql


@pytest.fixture
def filled(today: psycopg.Connection) -> psycopg.Connection:
    """A purchase three days ago, a sale two days ago, one today."""
    a = product(today)
    for days, kind, quantity in [(3, "purchase", 9), (2, "sale", 1), (0, "sale", 2)]:
        at = only(today, "select now() - make_interval(days => %s)", (days,))
        move(today, a, quantity, kind, occurred_at=at)
    refresh(today)
    return today


DAYS = (
    "select transaction_type, (now() at time zone 'UTC')::date - starts_on, quantity, movements,"
    " is_complete from stocksync.report_trends('day'"
)


def test_every_type_has_every_period(filled: psycopg.Connection) -> None:
    assert filled.execute(f"{DAYS})").fetchall() == [
        ("purchase", 3, 9, 1, True),
        ("purchase", 2, 0, 0, True),
        ("purchase", 1, 0, 0, True),
        ("purchase", 0, 0, 0, False),
        ("sale", 3, 0, 0, True),
        ("sale", 2, 1, 1, True),
        ("sale", 1, 0, 0, True),
        ("sale", 0, 2, 1, False),
    ]


def test_one_type(filled: psycopg.Connection) -> None:
    assert filled.execute(f"{DAYS}, 'sale')").fetchall() == [
        ("sale", 3, 0, 0, True),
        ("sale", 2, 1, 1, True),
        ("sale", 1, 0, 0, True),
        ("sale", 0, 2, 1, False),
    ]
    assert filled.execute(f"{DAYS}, 'theft')").fetchall() == []


@pytest.mark.parametrize("period", ["week", "month"])
def test_weeks_and_months_add_up(filled: psycopg.Connection, period: str) -> None:
    assert filled.execute(
        "select transaction_type, sum(quantity) from stocksync.report_trends(%s)"
        " group by 1 order by 1",
        (period,),
    ).fetchall() == [("purchase", 9), ("sale", 3)]


def test_nothing_moved(today: psycopg.Connection) -> None:
    refresh(today)
    assert today.execute("select * from stocksync.report_trends()").fetchall() == []


@pytest.mark.parametrize("period", ["'year'", "''", "null"])
def test_an_unknown_period_is_refused(ledger: psycopg.Connection, period: str) -> None:
    shown = "<NULL>" if period == "null" else period.strip("'")
    with raises_sql("22023", f'unknown period "{shown}"'):
        ledger.execute(f"select * from stocksync.report_trends({period})")


def test_an_unknown_type_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", 'unknown transaction type "Sale"'):
        ledger.execute("select * from stocksync.report_trends('day', 'Sale')")


def test_it_is_for_auditors(filled: psycopg.Connection) -> None:
    with acting_as(filled, "stocksync_auditor"):
        assert only(filled, "select count(*) > 0 from stocksync.report_trends()")
