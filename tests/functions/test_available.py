"""What could be sold, and that a sale of it then goes through, and of more does not."""

from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from helpers import acting_as, move, only, product, raises_sql

AVAILABLE = "select stocksync.available(%s, %s, %s)"


def available(db: psycopg.Connection, product_id: int, place: int | None = None, on=None):
    return only(db, AVAILABLE, (product_id, place, on))


def today(db: psycopg.Connection, days: int = 0):
    return only(db, "select stocksync._shop_day()") + timedelta(days)


@pytest.fixture
def dairy(ledger: psycopg.Connection) -> psycopg.Connection:
    """Product 1: 1 expired yesterday, 2 today, 4 tomorrow, 8 never, 16 quarantined; 32 in Paris."""
    ledger.execute("insert into locations (name) values ('Paris')")
    p = product(ledger, tracks_batches=True)
    for quantity, number, days in ((1, "X", -1), (2, "T", 0), (4, "M", 1), (8, "N", None),
                                   (16, "Q", 9)):  # fmt: skip
        expires = None if days is None else today(ledger, days)
        move(ledger, p, quantity, batch_number=number, expiry_date=expires)
    move(ledger, p, 32, batch_number="P", location_id=1)
    ledger.execute("select stocksync.quarantine_batch(1, 'Q')")
    return ledger


def test_what_is_expired_quarantined_or_elsewhere_is_not_available(
    dairy: psycopg.Connection,
) -> None:
    assert available(dairy, 1) == 2 + 4 + 8
    assert available(dairy, 1, 1) == 32
    assert available(dairy, 1, 99) == 0


def test_on_another_day(dairy: psycopg.Connection) -> None:
    assert available(dairy, 1, None, today(dairy, -1)) == 1 + 2 + 4 + 8
    assert available(dairy, 1, None, today(dairy, 1)) == 4 + 8
    assert available(dairy, 1, None, "infinity") == 8


def test_expired_ones_are_where_the_setting_lets_them_be_sold(dairy: psycopg.Connection) -> None:
    dairy.execute("update stocksync.settings set expired_batches = 'last'")
    assert available(dairy, 1) == 1 + 2 + 4 + 8


@pytest.mark.parametrize("place", [None, 1])
@pytest.mark.parametrize("setting", ["never", "last"])
def test_so_much_and_no_more_can_be_sold(
    dairy: psycopg.Connection, setting: str, place: int | None
) -> None:
    dairy.execute("update stocksync.settings set expired_batches = %s", (setting,))
    there = available(dairy, 1, place)
    with raises_sql("SS001", 'insufficient stock of "A"'):
        move(dairy, 1, there + Decimal("0.000001"), "sale", location_id=place)
    move(dairy, 1, there, "sale", location_id=place)
    assert available(dairy, 1, place) == 0


def test_a_product_without_batches_has_what_is_on_hand_with_what_waits(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    assert available(ledger, a) == 0
    move(ledger, a, 10)
    ledger.execute("insert into stocksync._pending (product_id, quantity) values (1, -3)")
    assert available(ledger, a) == 7
    move(ledger, a, 20, "sale")
    assert available(ledger, a) == 0


def test_a_product_with_nothing_has_nothing(ledger: psycopg.Connection) -> None:
    assert available(ledger, product(ledger, tracks_batches=True)) == 0


def test_trailing_zeros_are_not_told(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, tracks_batches=True), "2.500")
    assert only(ledger, "select stocksync.available(1)::text") == "2.5"


@pytest.mark.parametrize("number", [9, None])
def test_an_unknown_product_is_refused(ledger: psycopg.Connection, number: int | None) -> None:
    with raises_sql("P0002", f"product {number or '<NULL>'} does not exist"):
        available(ledger, number)


@pytest.mark.parametrize("role", ["stocksync_app", "stocksync_auditor"])
def test_who_sells_and_who_audits_may_ask(dairy: psycopg.Connection, role: str) -> None:
    with acting_as(dairy, role):
        assert available(dairy, 1) == 14


def test_exhausted_batches_are_not_looked_at(ledger: psycopg.Connection) -> None:
    def buffers(product_id: int) -> int:
        for _ in range(2):  # the second time the plan is there
            [(plan,)] = ledger.execute(
                f"explain (analyze, buffers, format json) select stocksync.available({product_id})"
            ).fetchall()
        return plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]

    few, many = product(ledger, "A", tracks_batches=True), product(ledger, "B", tracks_batches=True)
    for p, count in ((few, 2), (many, 3000)):
        ledger.execute(
            "insert into stock_movements (product_id, transaction_type, quantity, batch_number)"
            " select %s, 'purchase', 1, 'L-' || i from generate_series(1, %s) as i",
            (p, count),
        )
        move(ledger, p, count - 1, "sale")
    ledger.execute("vacuum analyze stock_batches")
    assert available(ledger, many) == 1
    assert buffers(many) < buffers(few) + 10
