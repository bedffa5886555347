"""The stock of each product."""

import psycopg
from helpers import move, product


def test_one_row_for_each_product(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A", reorder_point=3), "2.50")
    product(ledger, "B", is_deleted=True, status="old")
    assert ledger.execute(
        "select product_id, sku, name, quantity_on_hand::text, reorder_point, status, is_deleted"
        " from stock_on_hand order by sku"
    ).fetchall() == [
        (1, "A", "A", "2.5", 3, "active", False),
        (2, "B", "B", "0", None, "old", True),
    ]
