"""Only a reading that has come to its end says what is not shown."""

import psycopg
from api_helpers import begin, end, found, read, stage
from helpers import move, product, raises_sql


def test_what_is_in_stock_and_not_shown_is_missing_only_then(ledger: psycopg.Connection) -> None:
    a = product(ledger, "A")
    move(ledger, a, 5)
    product(ledger, "EMPTY")
    move(ledger, product(ledger, "BELOW"), 1, "sale")
    reading = begin(ledger)
    stage(ledger, reading, [])
    with raises_sql(
        "55000",
        f"reading {reading} is not complete",
        message_detail="The API was not read to its end, so that nobody knows what it does not"
        " show.",
    ):
        found(ledger, reading)
    end(ledger, reading)
    assert found(ledger, reading) == [(a, None, "missing_from_api", "filtered")]


def test_twice_is_once(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 5)
    reading = read(ledger, {})
    end(ledger, reading)
    assert len(found(ledger, reading)) == 1


def test_an_unknown_reading(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", "reading 77 does not exist"):
        end(ledger, 77)
