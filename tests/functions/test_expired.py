"""What a run wrote off; the rest is in tests/procedures/test_expire.py."""

import psycopg
from helpers import acting_as, move, product


def test_it_is_what_the_run_wrote_off_at_the_cost_of_then(ledger: psycopg.Connection) -> None:
    p = product(ledger, tracks_batches=True)
    move(ledger, p, 5, batch_number="L-1", expiry_date="2020-01-01", unit_cost=2)
    planned = ledger.execute("select * from stocksync.expire_dry_run()").fetchall()
    ledger.execute("call stocksync.expire()")
    ledger.execute("select stocksync.correct_batch(1, p_cost_price => 9)")
    with acting_as(ledger, "stocksync_auditor"):
        found = ledger.execute("select * from stocksync.expired(1)").fetchall()
    assert found == planned
    assert [row[-1] for row in found] == [10]


def test_of_another_run_it_is_nothing(ledger: psycopg.Connection) -> None:
    ledger.execute("call stocksync.sync()")
    for run in (1, 99):
        assert ledger.execute("select * from stocksync.expired(%s)", (run,)).fetchall() == []
