"""What is in stock and in no batch."""

from decimal import Decimal

import psycopg
import pytest
from helpers import acting_as, differences, move, product

OPENING = "select sku, location, quantity, cost_price from stocksync.opening_batches()"


def test_each_place_has_one(ledger: psycopg.Connection) -> None:
    a = product(ledger, unit_cost=3)
    product(ledger, "B")
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, 10)
    move(ledger, a, 4, location_id=1)
    move(ledger, a, 1, "sale", location_id=1)
    assert ledger.execute(OPENING).fetchall() == [("A", None, 10, 3), ("A", "shelf", 3, 3)]


def test_what_is_in_a_batch_is_not_counted(ledger: psycopg.Connection) -> None:
    a = product(ledger, tracks_batches=True)
    move(ledger, a, 10)
    assert ledger.execute(OPENING).fetchall() == []
    assert differences(ledger) == []


def test_all_are_those_that_begin_when_all_do(ledger: psycopg.Connection) -> None:
    for sku in ("A", "B"):
        move(ledger, product(ledger, sku), 1)
    ledger.execute("update products set is_deleted = true where sku = 'B'")
    assert ledger.execute(OPENING).fetchall() == [("A", None, 1, None)]
    assert ledger.execute("select sku from stocksync.track_batches()").fetchall() == [("A",)]


@pytest.mark.parametrize("role", ["stocksync_auditor", "stocksync_operator"])
def test_auditors_read_it(ledger: psycopg.Connection, role: str) -> None:
    move(ledger, product(ledger), "2.5")
    with acting_as(ledger, role):
        assert ledger.execute(OPENING).fetchall() == [("A", None, Decimal("2.5"), None)]
