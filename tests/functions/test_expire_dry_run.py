"""What is past its date: by the shop's day, quarantined or not, with its value."""

from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from helpers import acting_as, move, only, product, raises_sql


def today(db: psycopg.Connection, days: int = 0):
    return only(db, "select stocksync._shop_day()") + timedelta(days)


@pytest.fixture
def dairy(ledger: psycopg.Connection) -> psycopg.Connection:
    """A: past 5, another day past and quarantined 2, today 3, never 4. B: 1.5 of unknown cost."""
    ledger.execute("insert into locations (name) values ('Paris')")
    a, b = product(ledger, "A", tracks_batches=True), product(ledger, "B", tracks_batches=True)
    for quantity, number, days in ((5, "past", -1), (2, "bad", -9), (3, "today", 0),
                                   (4, "never", None), (6, "gone", -1)):  # fmt: skip
        expires = None if days is None else today(ledger, days)
        move(ledger, a, quantity, batch_number=number, expiry_date=expires, unit_cost="0.5")
    move(ledger, a, 6, "damage", batch_number="gone")
    move(ledger, b, "1.50", batch_number="there", expiry_date=today(ledger, -1), location_id=1)
    ledger.execute("select stocksync.quarantine_batch(1, 'bad')")
    return ledger


def test_what_is_past_its_date_is_told_with_its_value(dairy: psycopg.Connection) -> None:
    half = Decimal("0.5")
    assert dairy.execute(
        "select sku, batch_number, location, quantity::text, cost_price, value::text"
        " from stocksync.expire_dry_run()"
    ).fetchall() == [
        ("A", "bad", None, "2", half, "1"),
        ("A", "past", None, "5", half, "2.5"),
        ("B", "there", "Paris", "1.5", None, None),
    ]
    assert len(dairy.execute("select * from stocksync.expire_dry_run(2)").fetchall()) == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_the_day_is_that_of_the_shop(ledger: psycopg.Connection, zone: str) -> None:
    ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
    p = product(ledger, tracks_batches=True)
    there = only(ledger, "select (now() at time zone %s)::date", (zone,))
    for days in (-1, 0):
        move(ledger, p, 1, batch_number=str(days), expiry_date=there + timedelta(days))
    assert only(ledger, "select batch_number from stocksync.expire_dry_run()") == "-1"


def test_nothing_is_there_of_retired_batches(dairy: psycopg.Connection) -> None:
    dairy.execute("update products set tracks_batches = false")
    assert dairy.execute("select * from stocksync.expire_dry_run()").fetchall() == []


def test_an_unknown_product_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", "product 9 does not exist"):
        ledger.execute("select * from stocksync.expire_dry_run(9)")


def test_an_auditor_may_ask(dairy: psycopg.Connection) -> None:
    with acting_as(dairy, "stocksync_auditor"):
        assert len(dairy.execute("select * from stocksync.expire_dry_run()").fetchall()) == 3
