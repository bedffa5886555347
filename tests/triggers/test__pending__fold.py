"""Whoever takes a change out of _pending applies it."""

import psycopg
from functions.test_fold import hold_back
from helpers import differences, move, only, product, stock


def test_deleting_by_hand_is_folding(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10)
    move(ledger, b, 20)
    hold_back(ledger, a, 3, 2)
    hold_back(ledger, b, 1)
    ledger.execute("delete from stocksync._pending")
    assert (stock(ledger, a), stock(ledger, b), differences(ledger)) == (10, 20, [])


def test_deleting_nothing_changes_nothing(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    ledger.execute("delete from stocksync._pending")
    assert (stock(ledger, a), differences(ledger)) == (10, [])


def test_it_is_no_manual_update(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set manual_updates = 'refuse'")
    a = product(ledger)
    move(ledger, a, 10)
    hold_back(ledger, a, 3)
    ledger.execute("delete from stocksync._pending")
    assert stock(ledger, a) == 10
    assert only(ledger, "select count(*) from stocksync.log") == 0
