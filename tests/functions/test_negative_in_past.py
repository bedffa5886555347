"""Where the stock was below zero by when movements occurred."""

import psycopg
import pytest
from helpers import acting_as, move, only, product
from time_helpers import archive, at, close

FOUND = "select sku, first_at, lowest, lowest_at, quantity_now from stocksync.negative_in_past()"


@pytest.mark.parametrize("rolled_up", [False, True])
def test_when_first_how_low_and_what_it_is_now(ledger: psycopg.Connection, rolled_up: bool) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10, occurred_at="2024-03-01 00:00+00")
    move(ledger, a, 2, "sale", occurred_at="2024-01-05 12:00+00")
    move(ledger, a, 3, "sale", occurred_at="2024-02-05 12:00+00")
    # within one day
    move(ledger, b, "0.5", "sale", occurred_at="2024-01-05 12:00+00")
    move(ledger, b, 1, occurred_at="2024-01-05 12:00:00.000001+00")
    # at one instant it never was
    move(ledger, product(ledger, "C"), 1, "sale", occurred_at="2024-01-05 12:00+00")
    move(ledger, 3, 1, occurred_at="2024-01-05 12:00+00")
    if rolled_up:
        ledger.execute("select stocksync.roll_up()")
    assert ledger.execute(FOUND).fetchall() == [
        ("A", at("2024-01-05 12:00"), -5, at("2024-02-05 12:00"), 5),
        ("B", at("2024-01-05 12:00"), -0.5, at("2024-01-05 12:00"), 0.5),
    ]
    assert only(ledger, "select count(*) from stocksync.negative_in_past(array[3]::bigint[])") == 0
    assert only(ledger, "select sku from stocksync.negative_in_past(array[2]::bigint[])") == "B"


def test_what_a_reversal_hides_in_the_sum_of_its_type(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 5, occurred_at="2024-01-05 08:00+00")
    sale = move(ledger, a, 9, "sale", occurred_at="2024-01-05 09:00+00")
    move(ledger, a, 9, "sale", reverses_id=sale, occurred_at="2024-01-05 10:00+00")
    ledger.execute("select stocksync.roll_up()")
    assert ledger.execute(FOUND).fetchall() == [
        ("A", at("2024-01-05 09:00"), -4, at("2024-01-05 09:00"), 5)
    ]


def test_what_is_closed_counts_as_its_end(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 5, "sale", occurred_at="2024-01-05")
    move(ledger, a, 7, occurred_at="2024-01-06")
    move(ledger, b, 5, "sale", occurred_at="2024-01-05")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    move(ledger, b, 7, occurred_at="2024-02-02")
    for zone in ("UTC", "Asia/Tokyo", "America/Havana"):
        ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
        assert ledger.execute(FOUND).fetchall() == [
            ("B", at("2024-02-01"), -5, at("2024-02-01"), 2)
        ]


def test_an_empty_ledger_and_an_auditor(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_auditor"):
        assert ledger.execute(FOUND).fetchall() == []
