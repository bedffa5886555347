"""The batches as people ask for them, and in the order in which they are taken."""

from datetime import timedelta

import psycopg
import pytest
from helpers import acting_as, move, only, product, raises_sql


def today(db: psycopg.Connection, days: int = 0):
    return only(db, "select stocksync._shop_day()") + timedelta(days)


def numbers(db: psycopg.Connection, arguments: str = "") -> list[str]:
    return [
        row[0]
        for row in db.execute(f"select batch_number from stocksync.list_batches({arguments})")
    ]


@pytest.fixture
def dairy(ledger: psycopg.Connection) -> psycopg.Connection:
    """Product A with a batch of each kind, and B without a date."""
    ledger.execute("insert into locations (name) values ('Paris')")
    a, b = product(ledger, "A", tracks_batches=True), product(ledger, "B", tracks_batches=True)
    for number, days in (("soon", 3), ("late", 30), ("past", -2), ("bad", 1), ("none", 2)):
        move(ledger, a, 5, batch_number=number, expiry_date=today(ledger, days), unit_cost=2)
    move(ledger, a, 5, "sale", batch_number="none")
    move(ledger, a, 5, batch_number="there", expiry_date=today(ledger, 1), location_id=1)
    move(ledger, b, 7, batch_number="other")
    ledger.execute("select stocksync.quarantine_batch(1, 'bad')")
    return ledger


def test_what_is_left_is_listed_in_the_order_in_which_it_is_taken(
    dairy: psycopg.Connection,
) -> None:
    assert dairy.execute(
        "select sku, batch_number, location, remaining::int, received::int, cost_price::int,"
        " days_left, state from stocksync.list_batches()"
    ).fetchall() == [
        ("A", "soon", None, 5, 5, 2, 3, "available"),
        ("A", "late", None, 5, 5, 2, 30, "available"),
        ("A", "past", None, 5, 5, 2, -2, "expired"),
        ("A", "bad", None, 5, 5, 2, 1, "quarantined"),
        ("A", "there", "Paris", 5, 5, None, 1, "available"),
        ("B", "other", None, 7, 7, None, None, "available"),
    ]


def test_one_product_and_all_there_ever_was(dairy: psycopg.Connection) -> None:
    assert numbers(dairy, "'B'") == ["other"]
    dairy.execute("update products set tracks_batches = false where sku = 'B'")
    assert numbers(dairy, "'B'") == []
    assert dairy.execute(
        "select batch_number, state from stocksync.list_batches(p_all => true)"
        " where state in ('exhausted', 'retired')"
    ).fetchall() == [("none", "exhausted"), ("other", "retired")]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("p_expiring_days => 0", []),
        ("p_expiring_days => 1", ["bad", "there"]),
        ("p_expiring_days => 3", ["bad", "there", "soon"]),
        ("p_expired => true", ["past"]),
        ("p_expiring_days => 3, p_expired => true", ["past", "bad", "there", "soon"]),
        ("p_expiring_days => 2, p_all => true", ["bad", "there", "none"]),
        ("'A', 100", ["bad", "there", "soon", "late"]),
    ],
)
def test_whoever_asks_for_dates_sees_the_most_urgent_first(
    dairy: psycopg.Connection, arguments: str, expected: list[str]
) -> None:
    assert sorted(numbers(dairy, arguments)) == sorted(expected)
    dates = [row[0] for row in dairy.execute(
        f"select expiry_date from stocksync.list_batches({arguments})")]  # fmt: skip
    assert dates == sorted(dates)


@pytest.mark.parametrize("strategy", ["fefo", "fifo", "lifo"])
def test_the_order_is_that_of_sales(ledger: psycopg.Connection, strategy: str) -> None:
    p = product(ledger, tracks_batches=True, batch_strategy=strategy)
    for number, received, days in (("1", 3, 5), ("2", 2, 4), ("3", 1, None), ("4", 3, 5),
                                   ("5", 2, 9), ("6", 3, None)):  # fmt: skip
        move(ledger, p, 1, batch_number=number, occurred_at=f"2026-01-0{received}",
             expiry_date=None if days is None else today(ledger, days))  # fmt: skip
    expected = numbers(ledger)
    sold = []
    for _ in range(6):
        move(ledger, p, 1, "sale")
        sold.append(only(
            ledger,
            "select b.batch_number from batch_consumptions as c"
            " join stock_batches as b on b.id = c.batch_id order by c.movement_id desc limit 1",
        ))  # fmt: skip
    assert expected == sold


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "message"),
    [
        ("'X'", "P0002", 'unknown sku "X"'),
        ("p_expiring_days => -1", "22023", "-1 days are in the past"),
    ],
)
def test_bad_input_is_refused(
    ledger: psycopg.Connection, arguments: str, sqlstate: str, message: str
) -> None:
    with raises_sql(sqlstate, message):
        ledger.execute(f"select * from stocksync.list_batches({arguments})")


@pytest.mark.parametrize("role", ["stocksync_app", "stocksync_auditor"])
def test_who_may_read_may_list(dairy: psycopg.Connection, role: str) -> None:
    with acting_as(dairy, role):
        assert len(numbers(dairy)) == 6
