"""A product that settles otherwise from now on: what was left beside it is in it."""

from typing import Any

import psycopg
import pytest
from helpers import (
    acting_as,
    differences,
    move,
    only,
    product,
    raises_sql,
    session,
    stock,
    wait_until_blocked,
)


def leave(db: psycopg.Connection, product_id: int, quantity: int) -> None:
    """Leave a change beside the product: above READ COMMITTED it always is."""
    db.execute("begin isolation level repeatable read")
    move(db, product_id, quantity)
    db.execute("commit")


def pending(db: psycopg.Connection) -> int:
    return only(db, "select count(*) from stocksync._pending")


@pytest.mark.parametrize("mode", ["quickly", "", "Wait"])
def test_an_unknown_mode_is_refused(ledger: psycopg.Connection, mode: str) -> None:
    expected = raises_sql(
        "23514",
        f'unknown mode "{mode}"',
        constraint_name="products_contention_known",
        message_hint='Use "wait", "never_wait", "escrow", or null: as the settings say.',
    )
    with expected:
        product(ledger, contention=mode)
    product(ledger)
    with raises_sql("23514", f'unknown mode "{mode}"'):
        ledger.execute("update products set contention = %s", (mode,))


@pytest.mark.parametrize(
    ("columns", "folds"),
    [
        ({"contention": "wait"}, True),
        ({"contention": None}, True),
        ({"allow_negative": False}, True),
        ({"tracks_batches": True}, True),
        ({"contention": "escrow", "allow_negative": False}, True),
        ({"contention": "escrow"}, False),
        ({"allow_negative": True}, False),
        ({"contention": "never_wait", "name": "renamed"}, False),
    ],
)
def test_what_was_left_beside_it_is_folded_if_it_settles_otherwise(
    ledger: psycopg.Connection, columns: dict[str, Any], folds: bool
) -> None:
    a = product(ledger, contention="never_wait")
    leave(ledger, a, 5)
    ledger.execute("insert into stocksync._hot (product_id, fold_at) values (%s, 'infinity')", (a,))
    marks = ", ".join(f"{name} = %s" for name in columns)
    ledger.execute(f"update products set {marks}", list(columns.values()))
    assert (stock(ledger, a), pending(ledger)) == ((5, 0) if folds else (0, 1))
    assert only(ledger, "select count(*) from stocksync._hot") == (0 if folds else 1)
    assert differences(ledger) == []


def test_a_switch_that_is_rolled_back_folded_nothing(ledger: psycopg.Connection) -> None:
    a = product(ledger, contention="never_wait")
    leave(ledger, a, 5)
    with ledger.transaction(force_rollback=True):
        ledger.execute("update products set contention = 'wait'")
        assert stock(ledger, a) == 5
    assert (stock(ledger, a), pending(ledger), differences(ledger)) == (0, 1, [])
    leave(ledger, a, 1)
    assert pending(ledger) == 2


def test_an_application_that_saves_all_columns_changes_nothing(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger, contention="never_wait")
    leave(ledger, a, 5)
    with acting_as(ledger, "stocksync_app"):
        ledger.execute(
            "update products set contention = contention, allow_negative = allow_negative,"
            " tracks_batches = tracks_batches, quantity_on_hand = quantity_on_hand"
        )
    assert (stock(ledger, a), pending(ledger), differences(ledger)) == (0, 1, [])


def test_it_gives_way_to_a_writer_before_the_server_chooses_one(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger, contention="never_wait")
    with session(ledger_url) as writer:
        writer.execute("begin isolation level repeatable read")
        move(writer, a, 5)
        writer.execute("set constraints all immediate")
        with raises_sql(
            "55P03",
            f"movements of product {a} are being written",
            message_hint="Try again. To change how products settle,"
            " stocksync.use_mode() waits for them.",
        ):
            ledger.execute("update products set contention = 'wait'")
        writer.execute("commit")
    ledger.execute("update products set contention = 'wait'")
    assert (stock(ledger, a), pending(ledger), differences(ledger)) == (5, 0, [])


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_writers_wait_for_a_switch(ledger: psycopg.Connection, actor: Any, end: str) -> None:
    a = product(ledger, contention="never_wait")
    operator, writer = actor("operator"), actor("writer")
    operator("begin")
    operator("update products set contention = 'wait'")
    writing = writer.start(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%s, 'purchase', 5)",
        [a],
    )
    wait_until_blocked(ledger, "writer")
    operator(end)
    writing.result(60)
    # Only where it is free again and settles as before is it left beside it.
    assert (stock(ledger, a), pending(ledger)) == ((5, 0) if end == "commit" else (0, 1))
    assert differences(ledger) == []


@pytest.mark.parametrize("change", ["allow_negative = null", "contention = null"])
def test_what_settles_as_before_waits_for_nobody(
    ledger: psycopg.Connection, ledger_url: str, change: str
) -> None:
    ledger.execute("select stocksync.use_mode('never_wait')")
    a = product(ledger, contention="never_wait", allow_negative=True)
    with session(ledger_url) as writer:
        writer.execute("begin isolation level repeatable read")
        move(writer, a, 5)
        writer.execute("set constraints all immediate")
        ledger.execute("begin isolation level repeatable read")
        ledger.execute(f"update products set {change}")
        ledger.execute("commit")
        # Nobody with an older snapshot is told of it.
        move(writer, a, 1)
        writer.execute("commit")
    assert (stock(ledger, a), pending(ledger), differences(ledger)) == (0, 2, [])
