"""Names of places for people."""

import psycopg
from helpers import only, raises_sql


def test_a_name_stands_for_its_number(ledger: psycopg.Connection) -> None:
    shelf = only(ledger, "insert into locations (name) values ('shelf \"1\"') returning id")
    assert only(ledger, "select stocksync.location_id('shelf \"1\"')") == shelf
    assert only(ledger, "select stocksync.location_id(null)") is None


def test_an_unknown_name_is_an_error(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", 'unknown location "Shelf"'):
        ledger.execute("select stocksync.location_id('Shelf')")
