"""What is wrong about batches is found, and nothing else is."""

import psycopg
import pytest
from helpers import acting_as, move, product

FOUND = "select differs, stored, derived from stocksync.batch_discrepancies()"


@pytest.fixture
def sold(ledger: psycopg.Connection) -> psycopg.Connection:
    a = product(ledger, tracks_batches=True)
    move(ledger, a, 10, batch_number="L1")
    move(ledger, a, 4, "sale")
    return ledger


def test_nothing_is_wrong_as_a_rule(sold: psycopg.Connection) -> None:
    product(sold, "B")
    assert sold.execute(FOUND).fetchall() == []


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (
            "update stock_batches set quantity_received = 11",
            [("quantity_received", 11, 10)],
        ),
        (
            "update stock_batches set quantity_remaining = 7",
            [("quantity_remaining", 7, 6), ("stock", 7, 6)],
        ),
        (
            "update batch_consumptions set quantity = 3",
            [("quantity_remaining", 6, 7), ("movement", -3, -4)],
        ),
        (
            "delete from batch_receipts",
            [("quantity_received", 10, 0), ("quantity_remaining", 6, -4)],
        ),
        ("delete from stock_batches", [("stock", 0, 6)]),
        (
            "insert into stock_movements (product_id, movement_type, transaction_type, quantity)"
            " values (1, 'out', 'sale', 1)",
            [],
        ),
    ],
)
def test_planted_faults_are_found(
    sold: psycopg.Connection, fault: str, found: list[tuple[object, ...]]
) -> None:
    sold.execute("set session_replication_role = replica")
    sold.execute(fault)
    sold.execute("set session_replication_role = origin")
    assert sorted(sold.execute(FOUND).fetchall()) == sorted(found)


def test_an_audit_names_the_product(sold: psycopg.Connection) -> None:
    sold.execute("set session_replication_role = replica")
    sold.execute("update stock_batches set quantity_remaining = 7")
    sold.execute("set session_replication_role = origin")
    sold.execute("call stocksync.audit()")
    assert sold.execute("select sku, classes from stocksync.findings(1)").fetchall() == [
        ("A", ["batch_vs_movements", "on_hand_vs_batches"])
    ]


def test_auditors_read_it(sold: psycopg.Connection) -> None:
    with acting_as(sold, "stocksync_auditor"):
        assert sold.execute(FOUND).fetchall() == []
