"""What an archive takes away."""

import psycopg
from helpers import acting_as, move, only, product, raises_sql
from time_helpers import close

IDS = "select array_agg(id) from stocksync.archivable('2024-01-31')"


def test_what_is_closed_except_what_a_later_movement_takes_back(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    first = move(ledger, a, 10, occurred_at="2024-01-31 23:59:59.999999+00")
    move(ledger, a, 10, occurred_at="2024-02-01 00:00+00")
    reversed_later = move(ledger, a, 1, occurred_at="2024-01-10")
    reversed_then = move(ledger, a, 2, occurred_at="2024-01-10")
    reversal = move(ledger, a, 2, reverses_id=reversed_then, occurred_at="2024-01-11")
    close(ledger, "2024-01-31")
    ledger.execute("select stocksync.reverse_movement(%s, 'x')", (reversed_later,))
    assert only(ledger, IDS) == [first, reversed_then, reversal]
    close(ledger, "2024-02-29")
    assert only(ledger, IDS) == [first, reversed_then, reversal]


def test_the_books_must_be_closed_through_that_day(ledger: psycopg.Connection) -> None:
    close(ledger, "2024-02-29")
    with raises_sql(
        "55000",
        "the books are not closed through 2024-01-31",
        message_hint='Close them first with "stocksync close 2024-01-31", or use a day of'
        ' "stocksync close --list".',
    ):
        ledger.execute(IDS)
    with raises_sql("55000", "the books are not closed through <NULL>"):
        ledger.execute("select * from stocksync.archivable(null)")


def test_an_auditor_may_look(ledger: psycopg.Connection) -> None:
    close(ledger, "2024-01-31")
    with acting_as(ledger, "stocksync_auditor"):
        assert only(ledger, IDS) is None
    with (
        acting_as(ledger, "stocksync_app"),
        raises_sql("42501", "permission denied for function archivable"),
    ):
        ledger.execute(IDS)
