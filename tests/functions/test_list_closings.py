"""The closings, as people ask for them."""

import psycopg
from helpers import acting_as, move, product
from time_helpers import archive, close


def test_every_closing_the_last_first(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 5, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    close(ledger, "2024-02-29")
    ledger.execute("select stocksync.reopen_period()")
    ledger.execute("select stocksync._start_closing('2024-03-31')")
    with acting_as(ledger, "stocksync_auditor"):
        assert ledger.execute(
            "select closed_through::text, state, closed_at is null, closed_by = session_user,"
            " balances, archived, reopened_at is null, reopened_by = session_user"
            " from stocksync.list_closings()"
        ).fetchall() == [
            ("2024-03-31", "waits for writers", True, True, 0, None, True, None),
            ("2024-02-29", "reopened", False, True, 1, None, False, True),
            ("2024-01-31", "closed", False, True, 1, 1, True, None),
        ]
