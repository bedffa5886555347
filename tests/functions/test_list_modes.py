"""How movements settle: of the installation, and of the products that say so themselves."""

from typing import Any

import psycopg
import pytest
from helpers import acting_as, move, product

from functions.test_fold import hold_back


def listed(db: psycopg.Connection) -> list[tuple[Any, ...]]:
    return db.execute(
        "select sku, mode, settles_as, pending from stocksync.list_modes()"
    ).fetchall()


def test_the_installation_waits_at_first(ledger: psycopg.Connection) -> None:
    product(ledger)
    assert ledger.execute("select * from stocksync.list_modes()").fetchall() == [
        (None, None, None, "wait", "wait", 0)
    ]


def test_products_that_say_something_come_by_sku(ledger: psycopg.Connection) -> None:
    product(ledger, "C", contention="never_wait", name="the third")
    product(ledger, "B")
    product(ledger, "A", contention="escrow", allow_negative=False)
    product(ledger, "D", contention="wait")
    assert ledger.execute("select * from stocksync.list_modes()").fetchall() == [
        (None, None, None, "wait", "wait", 0),
        (3, "A", "A", "escrow", "escrow", 0),
        (1, "C", "the third", "never_wait", "never_wait", 0),
        (4, "D", "D", "wait", "wait", 0),
    ]


def test_of_some_products_whatever_they_say(ledger: psycopg.Connection) -> None:
    a, b, _ = product(ledger, "B"), product(ledger, "A", contention="wait"), product(ledger, "C")
    assert ledger.execute(
        "select sku, mode, settles_as, pending from stocksync.list_modes(%s)", ([a, b, 999],)
    ).fetchall() == [("A", "wait", "wait", 0), ("B", None, "wait", 0)]


@pytest.mark.parametrize(
    ("columns", "settles_as"),
    [
        ({"contention": "never_wait", "allow_negative": False}, "wait"),
        ({"contention": "never_wait", "tracks_batches": True}, "wait"),
        ({"contention": "escrow", "allow_negative": True}, "never_wait"),
        ({"contention": "escrow", "allow_negative": False, "tracks_batches": True}, "wait"),
    ],
)
def test_what_the_rules_of_a_product_make_of_it(
    ledger: psycopg.Connection, columns: dict[str, Any], settles_as: str
) -> None:
    product(ledger, **columns)
    assert listed(ledger)[1:] == [("A", columns["contention"], settles_as, 0)]


def test_changes_that_wait_are_counted_and_slots_are_not(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B", contention="escrow", allow_negative=False)
    move(ledger, a, 10)
    hold_back(ledger, a, 3, -1)
    move(ledger, b, 10)
    ledger.execute("select stocksync.fold()")
    hold_back(ledger, a, 3, -1)
    assert listed(ledger) == [
        (None, "wait", "wait", 2),
        ("A", None, "wait", 2),
        ("B", "escrow", "escrow", 0),
    ]
    ledger.execute("select stocksync.use_mode('never_wait')")
    assert listed(ledger) == [
        (None, "never_wait", "never_wait", 0),
        ("B", "escrow", "escrow", 0),
    ]


@pytest.mark.parametrize("role", ["stocksync_operator", "stocksync_auditor"])
def test_who_may(ledger: psycopg.Connection, role: str) -> None:
    with acting_as(ledger, role):
        assert listed(ledger) == [(None, "wait", "wait", 0)]
