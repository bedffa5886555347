"""TRUNCATE of the ledger: refused, or meant."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, stock
from time_helpers import archive, close

MESSAGE = "stock_movements is a ledger and cannot be truncated"


@pytest.mark.parametrize(
    "statement",
    [
        "truncate stock_movements",
        "truncate stock_movements restart identity cascade",
        "truncate locations cascade",
    ],
)
def test_it_is_refused(ledger: psycopg.Connection, statement: str) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with raises_sql(
        "SS004",
        MESSAGE,
        table_name="stock_movements",
        message_hint="If you mean it, say first, in the same transaction:"
        " set local stocksync.allow_truncate = on.",
    ):
        ledger.execute(statement)
    assert stock(ledger, a) == 10


@pytest.mark.parametrize("value", ["off", "true", ""])
def test_only_one_word_allows_it(ledger: psycopg.Connection, value: str) -> None:
    with raises_sql("SS004", MESSAGE), ledger.transaction():
        ledger.execute(f"set local stocksync.allow_truncate = '{value}'")
        ledger.execute("truncate stock_movements")


def test_the_word_holds_for_its_transaction(ledger: psycopg.Connection) -> None:
    with ledger.transaction():
        ledger.execute("set local stocksync.allow_truncate = on")
    with raises_sql("SS004", MESSAGE):
        ledger.execute("truncate stock_movements")


@pytest.mark.parametrize("rolled_up", [False, True])
def test_where_it_is_meant_the_stock_follows_and_the_log_tells(
    ledger: psycopg.Connection, rolled_up: bool
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10)
    move(ledger, b, 4, "sale")
    if rolled_up:
        ledger.execute("select stocksync.roll_up()")
    with ledger.transaction():
        ledger.execute("set local stocksync.allow_truncate = on")
        move(ledger, a, 100)
        ledger.execute("truncate stock_movements")
        move(ledger, a, 7)
    assert (stock(ledger, a), stock(ledger, b)) == (7, 0)
    assert differences(ledger) == []
    assert only(ledger, "select count(*) from stocksync.movement_history") == 3
    assert ledger.execute("select level, message, context from stocksync.log").fetchall() == [
        ("warning", "movements truncated", {"movements": 3})
    ]


def test_it_needs_a_snapshot_of_its_own(ledger: psycopg.Connection) -> None:
    with (
        raises_sql("55000", "stock_movements can only be truncated at READ COMMITTED"),
        ledger.transaction(),
    ):
        ledger.execute("set transaction isolation level repeatable read")
        ledger.execute("set local stocksync.allow_truncate = on")
        ledger.execute("truncate stock_movements")


@pytest.mark.parametrize("role", ["stocksync_app", "stocksync_auditor", "stocksync_operator"])
def test_no_role_may_truncate_with_or_without_the_word(
    ledger: psycopg.Connection, role: str
) -> None:
    ledger.execute("set stocksync.allow_truncate = on")
    with (
        raises_sql("42501", "permission denied for table stock_movements"),
        acting_as(ledger, role),
    ):
        ledger.execute("truncate stock_movements")


def test_what_is_closed_stays_and_what_is_archived_too(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    ledger.execute("set time zone 'UTC'")
    with (
        raises_sql("SS005", "the period of 2024-01-10 00:00:00+00 is closed"),
        ledger.transaction(),
    ):
        ledger.execute("set local stocksync.allow_truncate = on")
        ledger.execute("truncate stock_movements")
    archive(ledger, "2024-01-31")
    move(ledger, a, 3)
    with raises_sql("55000", "movements are archived"), ledger.transaction():
        ledger.execute("set local stocksync.allow_truncate = on")
        ledger.execute("truncate stock_movements")
    assert stock(ledger, a) == 13
    assert differences(ledger) == []


def test_numbers_that_are_used_again_are_those_of_others(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with ledger.transaction():
        ledger.execute("select stocksync.stage_import('movements', %s)",
                       (["sku", "transaction_type", "quantity"],))  # fmt: skip
        ledger.execute(
            "insert into stocksync_import (sku, transaction_type, quantity)"
            " values ('A', 'purchase', '5')"
        )
        ledger.execute("select stocksync.import_movements('in.csv')")
    ledger.execute("select stocksync.record_count(%s, 1)", (a,))
    with ledger.transaction():
        ledger.execute("set local stocksync.allow_truncate = on")
        ledger.execute("truncate stock_movements restart identity")
    for _ in range(4):
        move(ledger, a, 7)
    with raises_sql("55000", "run 1 changed no stock"):
        ledger.execute("select * from stocksync.undo_dry_run(1)")
    ledger.execute("select stocksync.record_count(%s, 20)", (a,))
    assert differences(ledger) == []
