"""What an undo did, in the shape of its dry run."""

import psycopg
from helpers import move, only, product


def test_it_tells_the_change_on_top_of_what_came_since(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 3)
    run = only(ledger, "call stocksync.undo(p_since => '2020-01-01')")
    move(ledger, a, 10)
    assert ledger.execute("select * from stocksync.undone(%s)", (run,)).fetchall() == [
        (a, "A", "A", 1, 0, 13, -3, 10)
    ]


def test_other_runs_have_undone_nothing(ledger: psycopg.Connection) -> None:
    product(ledger, quantity_on_hand=4)
    run = only(ledger, "call stocksync.sync()")
    for number in (run, 99, None):
        assert ledger.execute("select * from stocksync.undone(%s)", (number,)).fetchall() == []
