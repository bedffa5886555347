"""Deleted movements: the stock follows exactly, and the log tells."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, stock
from time_helpers import close


@pytest.mark.parametrize("rolled_up", [False, True])
def test_the_stock_follows(ledger: psycopg.Connection, rolled_up: bool) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10)
    move(ledger, a, 3, "sale")
    move(ledger, b, 5)
    if rolled_up:
        ledger.execute("select stocksync.roll_up()")
    ledger.execute("delete from stock_movements where id in (1, 3)")
    assert (stock(ledger, a), stock(ledger, b)) == (-3, 0)
    assert differences(ledger) == []
    assert ledger.execute("select level, message, context from stocksync.log").fetchall() == [
        ("warning", "movements deleted", {"movements": 2, "first_movement_ids": [1, 3]})
    ]


def test_deleting_nothing_is_no_event(ledger: psycopg.Connection) -> None:
    ledger.execute("delete from stock_movements")
    assert only(ledger, "select count(*) from stocksync.log") == 0


def test_inserted_and_deleted_in_one_transaction_is_nothing(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with ledger.transaction():
        move(ledger, a, 10)
        ledger.execute("delete from stock_movements")
    assert stock(ledger, a) == 0
    assert differences(ledger) == []


def test_a_delete_may_not_make_stock_negative_where_that_is_refused(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger, allow_negative=False)
    move(ledger, a, 10)
    move(ledger, a, 8, "sale")
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail="There are 2, and 10 were asked for.",
    ):
        ledger.execute("delete from stock_movements where id = 1")
    assert stock(ledger, a) == 2


def test_a_movement_is_not_deleted_without_its_reversal(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, reverses_id=move(ledger, a, 10))
    with raises_sql(
        "23503",
        'update or delete on table "stock_movements" violates foreign key constraint'
        ' "stock_movements_reversed_exists" on table "stock_movements"',
    ):
        ledger.execute("delete from stock_movements where id = 1")
    ledger.execute("delete from stock_movements")
    assert differences(ledger) == []


def test_the_application_deletes_no_movement(ledger: psycopg.Connection) -> None:
    with (
        raises_sql("42501", "permission denied for table stock_movements"),
        acting_as(ledger, "stocksync_app"),
    ):
        ledger.execute("delete from stock_movements")


def test_what_is_closed_is_not_deleted(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10")
    move(ledger, a, 5, occurred_at="2024-02-10")
    close(ledger, "2024-01-31")
    ledger.execute("set time zone 'UTC'")
    with raises_sql("SS005", "the period of 2024-01-10 00:00:00+00 is closed"):
        ledger.execute("delete from stock_movements")
    ledger.execute("delete from stock_movements where id = 2")
    assert stock(ledger, a) == 10
    assert differences(ledger) == []
