"""What came in, went out and is there, how fast it sells, how long it lasts."""

from typing import Any

import psycopg
import pytest
from by_force import refresh
from helpers import move, only, product


def summary(db: psycopg.Connection, product_id: int, columns: str) -> tuple[Any, ...]:
    refresh(db)
    [row] = db.execute(
        f"select {columns} from stocksync.stock_summary where product_id = %s", (product_id,)
    ).fetchall()
    return row


def ago(db: psycopg.Connection, days: float) -> Any:
    return only(db, "select now() - make_interval(secs => 86400 * %s)", (days,))


SALES = "daily_sales_7::text, daily_sales_30::text, daily_sales_90::text, days_of_cover::text"
TOTALS = "quantity_in::text, quantity_out::text, on_hand::text, movements"


def test_a_product_that_never_moved_has_zeros(today: psycopg.Connection) -> None:
    a = product(today)
    assert summary(today, a, f"{TOTALS}, first_on, last_on, last_count_on, {SALES}") == (
        "0", "0", "0", 0, None, None, None, "0", "0", "0", None,
    )  # fmt: skip


def test_totals_are_of_all_time_and_all_places(today: psycopg.Connection) -> None:
    a = product(today)
    today.execute("insert into locations (id, name) values (1, 'shelf')")
    move(today, a, 10, occurred_at="2019-03-01 12:00Z")
    move(today, a, "2.5", location_id=1, occurred_at="2020-05-01 12:00Z")
    move(today, a, 4, "damage", occurred_at="2999-01-01 12:00Z")
    assert summary(today, a, f"{TOTALS}, first_on::text, last_on::text") == (
        "12.5", "4", "8.5", 3, "2019-03-01", "2999-01-01",
    )  # fmt: skip


def test_what_was_taken_back_did_not_come_in(today: psycopg.Connection) -> None:
    a = product(today)
    move(today, a, 10)
    wrong = move(today, a, 3)
    today.execute("select stocksync.reverse_movement(%s, 'wrong')", (wrong,))
    assert summary(today, a, TOTALS) == ("10", "0", "10", 3)


def test_sales_are_averages_of_whole_days_and_returns_are_taken_off(
    today: psycopg.Connection,
) -> None:
    a = product(today)
    move(today, a, 1000, occurred_at=ago(today, 200))
    move(today, a, 7, "sale", occurred_at=ago(today, 7))
    move(today, a, 23, "sale", occurred_at=ago(today, 8))
    move(today, a, 60, "sale", occurred_at=ago(today, 90))
    move(today, a, 500, "sale", occurred_at=ago(today, 91))
    move(today, a, 50, "sale")  # today is not over
    move(today, a, 90, "damage", occurred_at=ago(today, 1))  # was not sold
    assert summary(today, a, SALES) == ("1", "1", "1", "270")
    move(today, a, 30, "sale_return", occurred_at=ago(today, 1))
    assert summary(today, a, SALES) == ("-3.285714", "0", "0.666667", None)


def test_days_before_there_was_such_a_product_do_not_count(today: psycopg.Connection) -> None:
    a = product(today)
    move(today, a, 100, occurred_at=ago(today, 10))
    move(today, a, 20, "sale", occurred_at=ago(today, 9))
    assert summary(today, a, SALES) == ("0", "2", "2", "40")
    b = product(today, "B")
    move(today, b, 20, "sale")
    assert summary(today, b, SALES) == ("0", "0", "0", None)


@pytest.mark.parametrize(("on_hand", "cover"), [(0, "0"), (-5, "0"), ("0.1", "0.1"), (29, "29")])
def test_cover_is_none_where_there_is_no_stock(
    today: psycopg.Connection, on_hand: Any, cover: str
) -> None:
    a = product(today)
    move(today, a, 60, occurred_at=ago(today, 60))
    move(today, a, 30, "sale", occurred_at=ago(today, 3))
    today.execute(
        "insert into stock_movements (product_id, movement_type, transaction_type, quantity)"
        " select %s, case when d < 0 then 'out' else 'in' end,"
        " case when d < 0 then 'damage' else 'purchase' end, abs(d)"
        " from (select %s::numeric - 30) as x (d)",
        (a, on_hand),
    )
    assert summary(today, a, "days_of_cover::text") == (cover,)


def test_the_day_is_that_of_the_shop(today: psycopg.Connection) -> None:
    """Of the shops that are 25 hours apart one at least has another day than UTC."""
    a = product(today)
    move(today, a, 100, occurred_at=ago(today, 50))
    move(today, a, 6, "sale", occurred_at=ago(today, 0.75))
    found = {}
    for zone in ("Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"):
        today.execute("update stocksync.settings set time_zone = %s", (zone,))
        was_yesterday = only(
            today,
            "select (%s at time zone %s)::date < (now() at time zone %s)::date",
            (ago(today, 0.75), zone, zone),
        )
        found[was_yesterday] = zone
        assert summary(today, a, "daily_sales_30::text") == ("0.2" if was_yesterday else "0",)
    assert True in found


def test_a_count_is_remembered(today: psycopg.Connection) -> None:
    a = product(today)
    move(today, a, 5)
    assert summary(today, a, "last_count_on") == (None,)
    first = move(today, a, 1, "stock_count_correction", occurred_at="2026-01-05 12:00Z")
    last = move(today, a, 1, "stock_count_correction_minus", occurred_at="2026-02-05 12:00Z")
    assert summary(today, a, "last_count_on::text") == ("2026-02-05",)
    today.execute("delete from stock_movements where id = %s", (last,))
    assert summary(today, a, "last_count_on::text") == ("2026-01-05",)
    today.execute("delete from stock_movements where id = %s", (first,))
    assert summary(today, a, "last_count_on") == (None,)


def test_a_product_that_is_deleted_is_gone(today: psycopg.Connection) -> None:
    a = product(today)
    move(today, a, 5)
    refresh(today)
    today.execute("delete from stock_movements")
    today.execute("delete from products")
    refresh(today)
    assert only(today, "select count(*) from stocksync.stock_summary") == 0
