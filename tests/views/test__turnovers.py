"""The ledger by days: what is there, and what is archived."""

import psycopg
from helpers import move, product
from time_helpers import archive, close, unarchive

DAYS = (
    "select day::text, transaction_type, sum(quantity), sum(movements) from stocksync._turnovers"
    " group by 1, 2 order by 1, 2"
)


def test_archived_or_not_the_days_are_the_same(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10 12:00+00")
    move(ledger, a, 5, occurred_at="2024-01-10 13:00+00")
    move(ledger, a, 2, "sale", occurred_at="2024-02-10 12:00+00")
    days = [("2024-01-10", "purchase", 15, 2), ("2024-02-10", "sale", -2, 1)]
    assert ledger.execute(DAYS).fetchall() == days
    close(ledger, "2024-01-31")
    content = archive(ledger, "2024-01-31")
    assert ledger.execute(DAYS).fetchall() == days
    unarchive(ledger, content)
    assert ledger.execute(DAYS).fetchall() == days
