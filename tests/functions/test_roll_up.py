"""The journal is drained exactly once."""

import psycopg
from helpers import differences, move, only, product, session, stock


def test_it_drains_the_journal_into_days_and_totals(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, "10.50", occurred_at="2025-01-01 12:00:00+00")
    move(ledger, a, 2, "sale", occurred_at="2025-01-01 13:00:00+00")
    move(ledger, a, 3, "sale", occurred_at="2025-01-02 12:00:00+00", location_id=1)
    assert only(ledger, "select stocksync.roll_up()") == 3
    assert only(ledger, "select stocksync.roll_up()") == 0
    assert ledger.execute(
        "select day::text, transaction_type, location_id, quantity::text, movements"
        " from stocksync.stock_daily order by day, transaction_type"
    ).fetchall() == [
        ("2025-01-01", "purchase", None, "10.5", 1),
        ("2025-01-01", "sale", None, "-2", 1),
        ("2025-01-02", "sale", 1, "-3", 1),
    ]
    assert ledger.execute(
        "select location_id, quantity::text, movements from stocksync.stock_total order by 1"
    ).fetchall() == [(1, "-3", 1), (None, "8.5", 2)]
    assert differences(ledger) == []


def test_what_comes_later_is_added_and_what_is_deleted_taken_off(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    for quantity in (10, 5):
        move(ledger, a, quantity, occurred_at="2025-01-01 12:00:00+00")
        ledger.execute("select stocksync.roll_up()")
    ledger.execute("delete from stock_movements where quantity = 10")
    ledger.execute("select stocksync.roll_up()")
    assert ledger.execute("select quantity, movements from stocksync.stock_daily").fetchall() == [
        (5, 1)
    ]
    assert differences(ledger) == []


def test_in_the_transaction_of_the_movements_themselves(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with ledger.transaction():
        move(ledger, a, 1)
        ledger.execute("select stocksync.roll_up()")
        move(ledger, a, 10)
        ledger.execute("select stocksync.roll_up()")
    assert stock(ledger, a) == 11
    assert differences(ledger) == []
    ledger.execute("select stocksync.roll_up()")
    assert differences(ledger) == []


def test_a_second_one_does_not_wait(ledger: psycopg.Connection, ledger_url: str) -> None:
    a = product(ledger)
    move(ledger, a, 1)
    with session(ledger_url) as other, other.transaction():
        assert only(other, "select stocksync.roll_up()") == 1
        assert only(ledger, "select stocksync.roll_up()") is None
    assert only(ledger, "select stocksync.roll_up()") == 0


def test_one_that_is_rolled_back_loses_nothing(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1)
    with ledger.transaction(force_rollback=True):
        assert only(ledger, "select stocksync.roll_up()") == 1
    assert only(ledger, "select stocksync.roll_up()") == 1
    assert differences(ledger) == []
