"""Every bad line is told at once, with its reason."""

import psycopg
import pytest
from helpers import only, product

CASES = [
    ("quantity", "0", "is not above zero"),
    ("quantity", "-1", "is not above zero"),
    ("quantity", "NaN", "is not a number"),
    ("quantity", "Infinity", "is not a number"),
    ("quantity", "many", "is not a number"),
    ("quantity", "1e15", "is not below 1e15"),
    ("quantity", "0.1234567", "has more than 6 decimals"),
    ("quantity", "", "is missing"),
    ("sku", "X", "unknown sku"),
    ("transaction_type", "nonsense", "unknown transaction type"),
    ("movement_type", "out", 'contradicts "purchase", which is "in"'),
    ("location", "nowhere", "unknown location"),
    ("occurred_at", "infinity", "is not a time like 2010-12-01 08:26:00+00"),
    ("occurred_at", "2025-02-30", "is not a time like 2010-12-01 08:26:00+00"),
    ("unit_cost", "-1", "is below zero"),
    ("unit_cost", "NaN", "is not a number"),
    ("metadata", "{", "is not JSON"),
    ("batch_number", "  ", "is empty"),
    ("batch_number", "é" * 1001, "is longer than 2000 bytes"),
    ("expiry_date", "31.12.2026", "is not a date like 2010-12-01"),
    ("expiry_date", "2026-02-30", "is not a date like 2010-12-01"),
    ("expiry_date", "2026-12-31 00:00", "is not a date like 2010-12-01"),
    ("expiry_date", "infinity", "is not a date like 2010-12-01"),
    ("expiry_date", "today", "is not a date like 2010-12-01"),
    ("expiry_date", "0000-01-01", "is not a date like 2010-12-01"),
    ("expiry_date", "0001-01-01", "is before 0001-01-02"),
    ("expiry_date", "9999-12-31", "is after 9999-12-30"),
]
COLUMNS = ("sku", "transaction_type", "quantity", "movement_type", "location", "occurred_at",
           "unit_cost", "metadata", "batch_number", "expiry_date")  # fmt: skip


@pytest.fixture
def problems(ledger: psycopg.Connection) -> dict[int, list[tuple[str, str]]]:
    """What is told of one line for each case."""
    product(ledger)
    with ledger.transaction():
        copy_statement = only(
            ledger, "select stocksync.stage_import('movements', %s)", (list(COLUMNS),)
        )
        with ledger.cursor().copy(copy_statement) as copy:
            for line, (column, value, _) in enumerate(CASES):
                row = {"sku": "A", "transaction_type": "purchase", "quantity": "1", column: value}
                copy.write(f"{line},," + ",".join(row.get(c, "") for c in COLUMNS) + "\n")
        found = ledger.execute("select * from stocksync.import_problems('movements')").fetchall()
        assert ledger.execute(
            "select inserted, problems from stocksync.import_movements()"
        ).fetchall() == [(0, len(CASES))]
    assert only(ledger, "select count(*) from stock_movements") == 0
    told: dict[int, list[tuple[str, str]]] = {}
    for line, column, _, problem in found:
        told.setdefault(line, []).append((column, problem))
    return told


def test_every_refusal_of_an_insert_is_told_by_line(
    problems: dict[int, list[tuple[str, str]]],
) -> None:
    assert problems == {n: [(column, why)] for n, (column, _, why) in enumerate(CASES)}
