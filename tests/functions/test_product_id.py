"""People say a sku where tables say a number."""

import psycopg
import pytest
from helpers import only, product, raises_sql


def test_the_number_of_a_sku(ledger: psycopg.Connection) -> None:
    product(ledger, "A")
    b = product(ledger, "b")
    assert only(ledger, "select stocksync.product_id('b')") == b
    assert only(ledger, "select stocksync.product_id(null)") is None


@pytest.mark.parametrize("sku", ["a", "A ", "", "no such"])
def test_an_unknown_sku_is_refused(ledger: psycopg.Connection, sku: str) -> None:
    product(ledger, "A")
    with raises_sql(
        "P0002",
        f'unknown sku "{sku}"',
        message_hint='Skus are case-sensitive. List them with "stocksync stock".',
    ):
        ledger.execute("select stocksync.product_id(%s)", (sku,))
