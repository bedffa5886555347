"""A snapshot holds the stock of a time as it was known when it was taken, and no more."""

from collections.abc import Callable

import psycopg
import pytest
from helpers import Actor, acting_as, move, only, product, raises_sql
from time_helpers import archive, close

BALANCES = (
    "select product_id, location_id, quantity::text from stocksync.snapshot_balances"
    " where snapshot_id = %s order by 1, 2"
)


def test_of_now_and_of_a_time(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, "10.50", occurred_at="2024-01-01")
    move(ledger, a, 3, location_id=1, occurred_at="2024-02-01")
    move(ledger, b, 3, occurred_at="2024-01-01")
    move(ledger, b, 3, "sale", occurred_at="2024-02-01")
    now = only(ledger, "call stocksync.take_snapshot(p_note => 'today''s')")
    then = only(ledger, "call stocksync.take_snapshot('2024-01-15')")
    assert ledger.execute(BALANCES, (now,)).fetchall() == [(a, 1, "3"), (a, None, "10.5")]
    assert ledger.execute(BALANCES, (then,)).fetchall() == [(a, None, "10.5"), (b, None, "3")]
    assert only(ledger, "select at = known_at from stocksync.snapshots where id = %s", (now,))


def test_a_writer_under_way_is_waited_for_and_is_not_in_it(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    """It recorded its row before; so nobody could say later whether the snapshot knew it."""
    a = product(ledger)
    writer, taker = actor("writer"), actor("taker")
    writer("begin")
    writer("insert into stock_movements (product_id, transaction_type, quantity)"
           " values (%s, 'purchase', 5)", (a,))  # fmt: skip
    taken = taker.start("call stocksync.take_snapshot()")
    assert not taken.done()
    writer("commit")
    [(snapshot,)] = taken.result(60)
    assert ledger.execute(BALANCES, (snapshot,)).fetchall() == [(a, None, "5")]
    assert only(ledger, "select count(*) from stocksync.restore_dry_run('now')") == 0


@pytest.mark.parametrize("time", ["infinity", "2999-01-01", "-infinity"])
def test_of_no_time_that_has_no_stock(ledger: psycopg.Connection, time: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        ledger.execute("call stocksync.take_snapshot(%s)", (time,))
    assert only(ledger, "select count(*) from stocksync.snapshots") == 0


def test_of_a_ledger_without_movements(ledger: psycopg.Connection) -> None:
    snapshot = only(ledger, "call stocksync.take_snapshot()")
    assert ledger.execute(BALANCES, (snapshot,)).fetchall() == []
    a = product(ledger)
    move(ledger, a, 5)
    ledger.execute("call stocksync.restore(now())")
    assert only(ledger, "select quantity from stocksync.stock_as_of(null)") == 5


def test_not_in_a_transaction_block(ledger: psycopg.Connection) -> None:
    with raises_sql("2D000", "invalid transaction termination"), ledger.transaction():
        ledger.execute("call stocksync.take_snapshot()")


def test_whatever_the_sessions_isolation(ledger: psycopg.Connection) -> None:
    ledger.execute("set default_transaction_isolation = serializable")
    assert only(ledger, "call stocksync.take_snapshot()") is not None


def test_what_is_archived_cannot_be_told(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 5, occurred_at="2024-01-10 12:00+00")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    with raises_sql("SS006", "movements that tell this are archived"):
        ledger.execute("call stocksync.take_snapshot('2024-01-10 13:00+00')")


def test_an_operator_may_and_an_auditor_may_not(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_operator"):
        assert only(ledger, "call stocksync.take_snapshot()") is not None
    with (
        acting_as(ledger, "stocksync_auditor"),
        raises_sql("42501", "permission denied for procedure take_snapshot"),
    ):
        ledger.execute("call stocksync.take_snapshot()")
