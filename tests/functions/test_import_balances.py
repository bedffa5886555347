"""Balances from a file are a snapshot to restore from, and say nothing of the rest."""

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from helpers import differences, move, only, product, raises_sql, stock

FROM = "2026-02-01Z"


def load(db: psycopg.Connection, columns: Sequence[str], *lines: Sequence[Any]) -> tuple[Any, ...]:
    """Import lines and return the number of the snapshot, of balances and of problems."""
    with db.transaction():
        db.execute("select stocksync.stage_import('balances', %s)", (list(columns),))
        for line in lines:
            marks = ", ".join(["%s"] * len(line))
            db.execute(
                f"insert into stocksync_import ({', '.join(columns)}) values ({marks})", line
            )
        [row] = db.execute(
            "select * from stocksync.import_balances('old.csv', %s)", (FROM,)
        ).fetchall()
        return row


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """Two products of which the file will know more, and one of which it knows nothing."""
    ledger.execute("insert into locations (name) values ('shelf')")
    for sku in "ABC":
        product(ledger, sku)
        move(ledger, only(ledger, "select max(id) from products"), 10, occurred_at="2026-01-10Z")
    move(ledger, 1, 3, "sale", occurred_at="2026-02-10Z")
    move(ledger, 2, 4, location_id=1, occurred_at="2026-01-20Z")
    return ledger


def restore(db: psycopg.Connection, snapshot: int) -> None:
    db.execute("call stocksync.restore(%s, p_snapshot_id => %s)", (FROM, snapshot))


def test_a_restore_adds_what_has_moved_since(shop: psycopg.Connection) -> None:
    number, count, problems = load(shop, ("sku", "quantity"), ("A", "20"), ("B", "-1.5"))
    assert (count, problems) == (2, 0)
    restore(shop, number)
    # of B only the unnamed place is in the file
    assert [stock(shop, n) for n in (1, 2, 3)] == [17, 2.5, 10]
    assert differences(shop) == []
    restore(shop, number)
    assert [stock(shop, n) for n in (1, 2, 3)] == [17, 2.5, 10]


def test_places_are_places(shop: psycopg.Connection) -> None:
    number, *_ = load(
        shop, ("product_id", "location", "quantity"), (2, "shelf", "0"), (2, None, "7")
    )
    restore(shop, number)
    assert shop.execute(
        "select location, quantity from stocksync.stock_by_location where product_id = 2"
        " order by location"
    ).fetchall() == [("shelf", 0), (None, 7)]


def test_no_restore_starts_from_it_by_itself(shop: psycopg.Connection) -> None:
    load(shop, ("sku", "quantity"), ("A", "20"))
    assert only(shop, "select source from stocksync.restore_source(now())") == "movements"


def test_every_problem_is_told_and_nothing_is_kept(shop: psycopg.Connection) -> None:
    lines = [("A", "NaN"), ("X", "1"), ("B", None), ("C", "1e15"), ("C", "-1e15"), ("A", "1")]
    assert load(shop, ("sku", "quantity"), *lines) == (None, 0, 7)
    with shop.transaction():
        shop.execute("select stocksync.stage_import('balances', array['sku', 'quantity'])")
        for line in lines:
            shop.execute("insert into stocksync_import (sku, quantity) values (%s, %s)", line)
        assert shop.execute(
            "select line, column_name, problem from stocksync.import_problems('balances')"
        ).fetchall() == [
            (2, "quantity", "is not a number"),
            (3, "sku", "unknown sku"),
            (4, "quantity", "is missing"),
            (5, "quantity", "is not below 1e15"),
            (6, "quantity", "is not below 1e15"),
            (6, "sku", "is in line 5 already"),
            (7, "sku", "is in line 2 already"),
        ]
    assert only(shop, "select count(*) from stocksync.snapshots") == 0


def test_a_balance_of_the_future_is_refused(shop: psycopg.Connection) -> None:
    with shop.transaction(), raises_sql("22023", "infinity is in the future"):
        shop.execute("select stocksync.stage_import('balances', array['sku', 'quantity'])")
        shop.execute("select stocksync.import_balances('old.csv', 'infinity')")
