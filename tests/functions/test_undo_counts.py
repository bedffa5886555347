"""How much an undo is about, and what it leaves as it is."""

import psycopg
from helpers import move, product


def test_what_is_reversed_and_what_reverses_is_left_out(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    first = move(ledger, a, 3)
    move(ledger, a, 4)
    ledger.execute("select stocksync.reverse_movement(%s, 'x')", (first,))
    counts = ledger.execute("select * from stocksync.undo_counts(null, '2020-01-01')")
    assert counts.fetchall() == [(1, 0, 1, 1, 0)]


def test_an_unknown_run_is_about_nothing(ledger: psycopg.Connection) -> None:
    assert ledger.execute("select * from stocksync.undo_counts(7)").fetchall() == [(0, 0, 0, 0, 0)]
