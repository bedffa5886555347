"""The comparison: what differs from the movements, and nothing else."""

import psycopg
import pytest
from helpers import move, product

FOUND = (
    "select sku, quantity_on_hand, total_stock, rolled_up, ledger, difference, movements, differs"
    " from stocksync.discrepancies({}) order by sku"
)


@pytest.fixture
def filled(ledger: psycopg.Connection) -> psycopg.Connection:
    """Products A (10, of 2001) and B (4, of now), both rolled up, and C that never moved."""
    move(ledger, product(ledger, "A"), 10, occurred_at="2001-01-01", recorded_at="2001-01-01")
    move(ledger, product(ledger, "B"), 4)
    product(ledger, "C")
    ledger.execute("select stocksync.roll_up()")
    return ledger


@pytest.mark.parametrize("force", [False, True])
def test_nothing_where_all_is_well(filled: psycopg.Connection, force: bool) -> None:
    assert filled.execute(FOUND.format(f"p_force => {force}")).fetchall() == []


def test_every_quantity_is_compared(filled: psycopg.Connection) -> None:
    filled.execute("update products set quantity_on_hand = 12 where sku = 'A'")
    filled.execute("update products set total_stock = 3 where sku = 'C'")
    filled.execute("update stocksync.stock_total set quantity = 5 where product_id = 2")
    assert filled.execute(FOUND.format("")).fetchall() == [
        ("A", 12, 10, 10, 10, 2, 1, ["quantity_on_hand"]),
        ("B", 4, 4, 5, 4, 0, 1, ["roll_up"]),
        ("C", 0, 3, 0, 0, 0, 0, ["total_stock"]),
    ]


@pytest.mark.parametrize(
    ("arguments", "skus"),
    [
        ("array[1, 3]", "AC"),
        ("'{}'", ""),
        ("array[999]", ""),
        ("p_since => '2000-01-01'", "AB"),
        ("p_since => '2002-01-01'", "B"),
        ("array[1], '2002-01-01'", ""),
    ],
)
def test_only_of_these_products(filled: psycopg.Connection, arguments: str, skus: str) -> None:
    filled.execute("update products set quantity_on_hand = 100")
    found = filled.execute(FOUND.format(arguments)).fetchall()
    assert "".join(row[0] for row in found) == skus
    ledger = {"A": 10, "B": 4, "C": 0}
    assert all(row[4] == ledger[row[0]] for row in found), "not the movements since then alone"


def test_a_movement_back_dated_lately_is_since_then(filled: psycopg.Connection) -> None:
    move(filled, 1, 1, occurred_at="2001-01-01")
    filled.execute("update products set quantity_on_hand = 100")
    assert len(filled.execute(FOUND.format("p_since => '2002-01-01'")).fetchall()) == 2


@pytest.mark.parametrize(
    "change",
    [
        "update stocksync.stock_daily set day = day + 1 where product_id = 1",
        "update stocksync.stock_daily set transaction_type = 'sale_return' where product_id = 1",
        "update stocksync.stock_daily set movements = 2 where product_id = 1",
        "update stocksync.stock_total set movements = 2 where product_id = 1",
    ],
)
def test_days_types_and_counts_are_compared_when_forced(
    filled: psycopg.Connection, change: str
) -> None:
    filled.execute(change)
    assert filled.execute(FOUND.format("")).fetchall() == []
    assert filled.execute(FOUND.format("p_force => true")).fetchall() == [
        ("A", 10, 10, 10, 10, 0, 1, ["roll_up"])
    ]


def test_movements_that_went_round_the_triggers_are_found(filled: psycopg.Connection) -> None:
    filled.execute("set session_replication_role = replica")
    move(filled, 1, 5, movement_type="in")
    filled.execute("set session_replication_role = origin")
    assert filled.execute(FOUND.format("")).fetchall() == [
        ("A", 10, 10, 10, 15, -5, 2, ["quantity_on_hand", "total_stock", "roll_up"])
    ]
