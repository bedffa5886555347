"""How many products the report of value leaves out."""

import psycopg
import pytest
from helpers import acting_as, move, only, product

ASK = "select stocksync.not_valued(%s)"


def test_products_in_stock_that_do_not_track_batches(ledger: psycopg.Connection) -> None:
    for sku in ("A", "B", "C", "D"):
        product(ledger, sku, tracks_batches=sku == "D")
    move(ledger, 1, 1)
    move(ledger, 2, 1, "sale")  # below zero is in stock too
    move(ledger, 4, 1)
    assert [only(ledger, ASK, (sku,)) for sku in (None, "A", "B", "C", "D", "x")] == [
        2, 1, 1, 0, 0, 0
    ]  # fmt: skip


def test_an_auditor_may_ask(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_auditor"):
        assert only(ledger, ASK, (None,)) == 0
    with acting_as(ledger, "stocksync_app"), pytest.raises(psycopg.errors.InsufficientPrivilege):
        ledger.execute(ASK, (None,))
