"""How many products a run could not correct."""

import psycopg
from helpers import only, product


def test_none_of_a_run_that_went_well_null_of_one_that_never_was(
    ledger: psycopg.Connection,
) -> None:
    product(ledger, quantity_on_hand=3)
    [(run,)] = ledger.execute("call stocksync.sync()").fetchall()
    assert only(ledger, "select stocksync.failed_corrections(%s)", (run,)) == 0
    assert only(ledger, "select stocksync.failed_corrections(999)") is None
