"""What the steps of a run took."""

import psycopg
from helpers import move, only, product


def test_steps_are_in_their_order_with_what_they_did(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10)
    run = only(ledger, "call stocksync.refresh()")
    steps = ledger.execute("select * from stocksync.run_cost(%s)", (run,)).fetchall()
    names = [step for step, _, _ in steps]
    assert names == ["fold", "roll_up", "compare", "views", "tidy"]
    assert {step: done for step, _, done in steps}["roll_up"] == {"journal": 1}
    taken = only(
        ledger,
        "select extract(epoch from finished_at - started_at) from stocksync.runs where id = %s",
        (run,),
    )
    assert 0 < sum(seconds for _, seconds, _ in steps) <= taken


def test_an_unknown_run_has_no_steps(ledger: psycopg.Connection) -> None:
    assert ledger.execute("select * from stocksync.run_cost(77)").fetchall() == []
