"""The row of settings is always there, once."""

import psycopg
import pytest
from helpers import only, raises_sql


@pytest.mark.parametrize(
    "statement", ["delete from stocksync.settings", "truncate stocksync.settings"]
)
def test_the_settings_cannot_be_removed(ledger: psycopg.Connection, statement: str) -> None:
    with raises_sql(
        "23001",
        "the settings cannot be removed",
        constraint_name="settings_row_is_fixed",
        message_hint="Update the row instead.",
    ):
        ledger.execute(statement)
    assert only(ledger, "select count(*) from stocksync.settings") == 1


def test_there_is_one_row(ledger: psycopg.Connection) -> None:
    with raises_sql("23505", 'duplicate key value violates unique constraint "settings_pkey"'):
        ledger.execute("insert into stocksync.settings default values")
    with raises_sql(
        "23514",
        'new row for relation "settings" violates check constraint "settings_one_row"',
    ):
        ledger.execute("insert into stocksync.settings (only_row) values (false)")
