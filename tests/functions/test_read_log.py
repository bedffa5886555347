"""The log, as people ask for it."""

import psycopg
import pytest
from helpers import only, product


@pytest.fixture
def filled(ledger: psycopg.Connection) -> psycopg.Connection:
    """A log of three: info about A, warning, error."""
    product(ledger)
    ledger.execute(
        "insert into stocksync.log (level, message, product_id, context)"
        " values ('info', 'one', 1, '{\"a\": 1}'), ('warning', 'two', null, '{}'),"
        " ('error', 'three', 999, '{}')"
    )
    return ledger


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        ("", ["one", "two", "three"]),
        ("p_limit => 2", ["two", "three"]),
        ("'warning'", ["two"]),
        ("'info', 1", ["one"]),
        ("'critical'", []),
        ("p_limit => null", ["one", "two", "three"]),
    ],
)
def test_the_last_events_oldest_first(
    filled: psycopg.Connection, arguments: str, messages: list[str]
) -> None:
    found = filled.execute(f"select message from stocksync.read_log({arguments})").fetchall()
    assert [message for (message,) in found] == messages


def test_what_it_tells(filled: psycopg.Connection) -> None:
    assert filled.execute(
        "select level, message, sku, actor = session_user, context from stocksync.read_log('info')"
    ).fetchall() == [("info", "one", "A", True, {"a": 1})]


def test_fifty_by_default(ledger: psycopg.Connection) -> None:
    ledger.execute(
        "insert into stocksync.log (level, message) select 'info', n from generate_series(1, 60) n"
    )
    assert only(ledger, "select count(*) from stocksync.read_log()") == 50
