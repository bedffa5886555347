"""The stock, as people ask for it."""

import psycopg
import pytest
from helpers import move, product, raises_sql


@pytest.fixture
def filled(ledger: psycopg.Connection) -> psycopg.Connection:
    """Products A (10), B (2, deleted), C (-1)."""
    move(ledger, product(ledger, "A"), 10)
    move(ledger, product(ledger, "B", is_deleted=True), 2)
    move(ledger, product(ledger, "C", status="blocked"), 1, "sale")
    return ledger


@pytest.mark.parametrize(
    ("arguments", "skus"),
    [
        ("", ["A", "C"]),
        ("p_sku => 'A'", ["A"]),
        ("p_sku => 'B'", ["B"]),
        ("p_below => 10", ["C"]),
        ("p_below => 10.000001", ["A", "C"]),
        ("p_below => -1", []),
        ("p_sku => 'A', p_below => 10", []),
    ],
)
def test_which_products(filled: psycopg.Connection, arguments: str, skus: list[str]) -> None:
    found = filled.execute(f"select sku from stocksync.stock({arguments})").fetchall()
    assert [sku for (sku,) in found] == skus


def test_what_it_tells(filled: psycopg.Connection) -> None:
    assert filled.execute("select * from stocksync.stock('C')").fetchall() == [
        (3, "C", "C", -1, "blocked")
    ]


def test_an_unknown_sku_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", 'unknown sku "X"'):
        ledger.execute("select * from stocksync.stock('X')")
