"""What moved in each day, week and month; by force in test_reports.py."""

from datetime import timedelta

import psycopg
from helpers import move, only, product

from materialized_views.test_stock_summary import REFRESH, ago, today


def test_a_movement_is_in_its_day_its_week_and_its_month(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 3, "sale", occurred_at=ago(ledger, 40))
    move(ledger, a, 2, "sale", occurred_at=ago(ledger, 40))
    ledger.execute(REFRESH)
    day = today(ledger) - timedelta(40)
    assert ledger.execute(
        "select period, starts_on, movement_type, quantity, movements, is_complete"
        " from stocksync.movement_trends order by period"
    ).fetchall() == [
        ("day", day, "out", 5, 2, True),
        ("month", day.replace(day=1), "out", 5, 2, True),
        ("week", day - timedelta(day.weekday()), "out", 5, 2, True),
    ]


def test_the_periods_of_today_are_not_complete(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 3)
    ledger.execute(REFRESH)
    assert not only(ledger, "select bool_or(is_complete) from stocksync.movement_trends")


def test_what_is_taken_back_is_taken_off(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute("select stocksync.reverse_movement(%s, 'x')", (move(ledger, a, 5, "sale"),))
    ledger.execute(REFRESH)
    assert ledger.execute(
        "select quantity, movements from stocksync.movement_trends where period = 'day'"
    ).fetchall() == [(0, 2)]


def test_movements_that_were_deleted_leave_nothing_behind(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 5, occurred_at=ago(ledger, 3))
    ledger.execute(REFRESH)
    ledger.execute("delete from stock_movements")
    ledger.execute(REFRESH)
    assert ledger.execute("select * from stocksync.movement_trends").fetchall() == []


def test_no_month_and_no_week_is_cut(ledger: psycopg.Connection) -> None:
    """The window begins in the middle of a month: the whole of it is there, and nothing before."""
    a = product(ledger)
    first = (today(ledger) - timedelta(89)).replace(day=1)
    for day in (first, first - timedelta(first.weekday()), first - timedelta(8)):
        move(ledger, a, 1, "sale", occurred_at=f"{day} 12:00Z")
    ledger.execute(REFRESH)
    oldest = "select min(starts_on) from stocksync.movement_trends where period = %s"
    assert only(ledger, oldest, ("day",)) == first
    assert only(ledger, oldest, ("month",)) == first
    assert only(ledger, oldest, ("week",)) == first - timedelta(first.weekday())


def test_the_future_is_left_out(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 1, occurred_at=ago(ledger, -2))
    ledger.execute(REFRESH)
    assert ledger.execute("select * from stocksync.movement_trends").fetchall() == []
