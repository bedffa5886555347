"""What came in and went out, how fast it sells, how long it lasts; by force in test_reports.py."""

from datetime import date, timedelta
from typing import Any

import psycopg
from helpers import move, only, product

REFRESH = "call stocksync.refresh()"
AGO = "now() - interval '1 day' * %s"


def ago(db: psycopg.Connection, days: int) -> Any:
    """Return the time so many days ago."""
    return only(db, f"select {AGO}", (days,))


def today(db: psycopg.Connection) -> date:
    return only(db, "select stocksync._shop_day()")


def columns(db: psycopg.Connection, product_id: int, names: str) -> tuple[Any, ...]:
    [row] = db.execute(
        f"select {names} from stocksync.stock_summary where product_id = %s", (product_id,)
    )
    return row


def test_an_empty_shop(ledger: psycopg.Connection) -> None:
    ledger.execute(REFRESH)
    assert ledger.execute("select * from stocksync.stock_summary").fetchall() == []


def test_a_product_that_never_moved_is_there(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute(REFRESH)
    assert columns(ledger, a, "on_hand, movements, first_on, daily_sales_7, days_of_cover") == (
        (0, 0, None, 0, None)
    )  # fmt: skip


def test_in_out_first_and_last_count_over_all_locations(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, 10, occurred_at=ago(ledger, 400))
    move(ledger, a, 5, location_id=1, occurred_at=ago(ledger, 200))
    move(ledger, a, 2, "stock_count_correction", occurred_at=ago(ledger, 100))
    move(ledger, a, 4, "damage", occurred_at=ago(ledger, 3))
    ledger.execute(REFRESH)
    day = today(ledger)
    assert columns(
        ledger, a, "quantity_in, quantity_out, on_hand, movements, first_on, last_on, last_count_on"
    ) == (17, 4, 13, 4, day - timedelta(400), day - timedelta(3), day - timedelta(100))


def test_a_reversal_counts_against_the_side_it_reverses(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    wrong = move(ledger, a, 10)
    ledger.execute("select stocksync.reverse_movement(%s, 'x')", (wrong,))
    ledger.execute(REFRESH)
    assert columns(ledger, a, "quantity_in, quantity_out, on_hand, movements") == (0, 0, 0, 2)


def test_average_sales_are_of_whole_days_and_returns_are_taken_off(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    move(ledger, a, 1000, occurred_at=ago(ledger, 300))
    for days, quantity in ((91, 900), (90, 45), (30, 30), (7, 21), (0, 500)):
        move(ledger, a, quantity, "sale", occurred_at=ago(ledger, days))
    move(ledger, a, 7, "sale_return", occurred_at=ago(ledger, 1))
    ledger.execute(REFRESH)
    averages = "daily_sales_7, round(daily_sales_30 * 30), round(daily_sales_90 * 90)"
    assert columns(ledger, a, averages) == (2, 44, 89)


def test_a_young_product_is_averaged_over_the_days_there_were(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 100, occurred_at=ago(ledger, 4))
    move(ledger, a, 40, "sale", occurred_at=ago(ledger, 2))
    ledger.execute(REFRESH)
    assert columns(ledger, a, "daily_sales_7, daily_sales_30, daily_sales_90, days_of_cover") == (
        (10, 10, 10, 6)
    )  # fmt: skip


def test_less_than_nothing_lasts_no_day(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 40, "sale", occurred_at=ago(ledger, 2))
    ledger.execute(REFRESH)
    assert columns(ledger, a, "on_hand, days_of_cover") == (-40, 0)
