"""The stock of each product at each place, also the unnamed one; exact before and after roll-up."""

import psycopg
import pytest
from helpers import move, product

ALL = (
    "select sku, location, quantity::text, movements from stocksync.stock_by_location order by 1, 2"
)


@pytest.fixture
def filled(ledger: psycopg.Connection) -> psycopg.Connection:
    """Products A (in two places and none) and B, in the unnamed place only."""
    ledger.execute("insert into locations (name) values ('shelf'), ('yard'), ('empty')")
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10, location_id=1)
    move(ledger, a, 4, "transfer_out", location_id=1)
    move(ledger, a, 4, "transfer_in", location_id=2)
    move(ledger, a, "1.50")
    move(ledger, b, 2, "sale")
    product(ledger, "C")
    return ledger


@pytest.mark.parametrize("rolled_up", ["before", "after", "between"])
def test_each_place_has_its_own(filled: psycopg.Connection, rolled_up: str) -> None:
    if rolled_up != "before":
        filled.execute("select stocksync.roll_up()")
    if rolled_up == "between":
        move(filled, 1, 1, location_id=2)
        move(filled, 1, 1, "sale", location_id=2)
    extra = 2 if rolled_up == "between" else 0
    assert filled.execute(ALL).fetchall() == [
        ("A", "shelf", "6", 2),
        ("A", "yard", "4", 1 + extra),
        ("A", None, "1.5", 1),
        ("B", None, "-2", 1),
    ]


def test_the_places_add_up_to_the_product(filled: psycopg.Connection) -> None:
    assert (
        filled.execute(
            "select product_id, sum(quantity) from stocksync.stock_by_location group by 1"
            " except select id, quantity_on_hand from products"
        ).fetchall()
        == []
    )


@pytest.mark.parametrize("rolled_up", [False, True])
def test_what_was_deleted_leaves_nothing_and_what_cancels_out_stays(
    filled: psycopg.Connection, rolled_up: bool
) -> None:
    if rolled_up:
        filled.execute("select stocksync.roll_up()")
    filled.execute("delete from stock_movements where product_id = 2 or location_id is null")
    move(filled, 1, 6, "sale", location_id=1)
    assert filled.execute(ALL).fetchall() == [("A", "shelf", "0", 3), ("A", "yard", "4", 1)]
