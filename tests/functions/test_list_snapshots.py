"""The snapshots that people took."""

import psycopg
from helpers import acting_as, move, product
from time_helpers import at, close


def test_those_of_closings_are_left_out(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 5, occurred_at="2024-01-10")
    ledger.execute("call stocksync.take_snapshot('2024-01-05 00:00+00', 'before; it''s \n')")
    close(ledger, "2024-01-31")
    ledger.execute("call stocksync.take_snapshot()")
    with acting_as(ledger, "stocksync_auditor"):
        assert ledger.execute(
            "select snapshot_id, at = known_at, taken_by = session_user, note, balances"
            " from stocksync.list_snapshots()"
        ).fetchall() == [(3, True, True, "", 1), (1, False, True, "before; it's \n", 0)]
        assert ledger.execute(
            "select at from stocksync.list_snapshots() where snapshot_id = 1"
        ).fetchall() == [(at("2024-01-05"),)]
