"""People say the name of a place where tables say a number."""

import psycopg
from helpers import only, raises_sql


def test_the_name_of_a_place_is_its_number(ledger: psycopg.Connection) -> None:
    number = only(ledger, "insert into locations (name) values ('Paris') returning id")
    assert only(ledger, "select stocksync.location_id('Paris')") == number
    assert only(ledger, "select stocksync.location_id(null)") is None


def test_an_unknown_one_is_an_error(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", 'unknown location "paris"'):
        ledger.execute("select stocksync.location_id('paris')")
