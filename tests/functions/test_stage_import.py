"""The header of a file."""

import psycopg
import pytest
from helpers import only, raises_sql


@pytest.mark.parametrize(
    ("kind", "columns", "sqlstate", "message"),
    [
        ("nonsense", ["sku"], "22023", 'there is no import of "nonsense"'),
        ("products", ["sku", "colour", "size"], "42703", 'unknown column "colour", "size"'),
        ("products", ["sku", "id"], "22023", 'column "id" cannot be imported'),
        ("products", ["sku", "total_stock"], "22023", 'column "total_stock" cannot be imported'),
        ("movements", ["sku", "recorded_at"], "22023", 'column "recorded_at" cannot be imported'),
        ("products", ["sku", "name", "sku"], "42701", 'column "sku" is there twice'),
        ("products", ["sku"], "42703", "there is no column name"),
        ("movements", ["sku", "quantity"], "42703", "there is no column transaction_type"),
        ("products", [], "42703", None),
    ],
)  # fmt: skip
def test_a_header_that_does_not_fit_is_refused(
    ledger: psycopg.Connection, kind: str, columns: list[str], sqlstate: str, message: str | None
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        ledger.execute("select stocksync.stage_import(%s, %s)", (kind, columns))
    assert caught.value.sqlstate == sqlstate
    assert message in (None, caught.value.diag.message_primary)


def test_the_table_is_there_until_the_end_of_the_transaction(ledger: psycopg.Connection) -> None:
    staged = "select to_regclass('pg_temp.stocksync_import') is not null"
    with ledger.transaction():
        for _ in range(2):
            ledger.execute("select stocksync.stage_import('products', '{sku,name}')")
        assert only(ledger, staged)
    assert not only(ledger, staged)


def test_importing_before_staging_is_an_error(ledger: psycopg.Connection) -> None:
    with raises_sql("42P01", 'relation "pg_temp.stocksync_import" does not exist'):
        ledger.execute("select * from stocksync.import_problems('movements')")
