"""What a file may hold."""

import psycopg
import pytest
from helpers import only


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        ("products", "products"),
        ("movements", "stock_movements"),
        ("counts", "stocksync.counts"),
    ],
)
def test_every_column_of_the_table_can_be_imported_or_says_why_not(
    ledger: psycopg.Connection, kind: str, table: str
) -> None:
    missing = ledger.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " except select column_name from stocksync.import_columns(%s)",
        (table, kind),
    ).fetchall()
    assert missing == []
    refused = ledger.execute(
        "select column_name from stocksync.import_columns(%s) where refused_because is not null",
        (kind,),
    ).fetchall()
    derived = {
        "products": {"id", "contention", "quantity_on_hand", "total_stock"},
        "movements": {"id", "recorded_at", "reverses_id", "batch_id"},
        "counts": {
            "id",
            "expected",
            "balance",
            "recorded_at",
            "recorded_by",
            "run_id",
            "batch_id",
        },
    }
    assert {name for (name,) in refused} == derived[kind]


def test_another_kind_has_no_columns(ledger: psycopg.Connection) -> None:
    assert only(ledger, "select count(*) from stocksync.import_columns('nonsense')") == 0
