"""Batches, rule by rule: what settle does with them, and the private functions that do it."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from helpers import Actor, acting_as, differences, move, only, product, raises_sql, stock

REMAINING = (
    "select batch_number, quantity_remaining from stock_batches"
    " where status <> 'retired' order by id"
)


@pytest.fixture
def exact(ledger: psycopg.Connection):
    """The ledger, and at the end nothing about it may be wrong."""
    yield ledger
    assert differences(ledger) == []
    assert ledger.execute("select * from stocksync.batch_discrepancies()").fetchall() == []


def places(db: psycopg.Connection, *names: str) -> list[int]:
    return [
        only(db, "insert into locations (name) values (%s) returning id", (name,)) for name in names
    ]


def reverse(db: psycopg.Connection, movement_id: int, **columns: Any) -> int:
    """Insert the opposite of a movement, with what may differ."""
    columns = {"occurred_at": "now", **columns}
    return only(
        db,
        "insert into stock_movements (product_id, location_id, movement_type, transaction_type,"
        " quantity, reverses_id, occurred_at)"
        " select product_id, location_id, case movement_type when 'in' then 'out' else 'in' end,"
        " transaction_type, quantity, id, %(occurred_at)s::timestamptz"
        " from stock_movements where id = %(id)s returning id",
        {"id": movement_id, **columns},
    )


def did(db: psycopg.Connection, movement_id: int) -> dict[str, Decimal]:
    """Return by how much a movement changed each batch."""
    return dict(
        db.execute(
            """
            select b.batch_number, trim_scale(sum(u.quantity))
            from (
                select movement_id, batch_id, quantity from batch_receipts
                union all
                select movement_id, batch_id, -quantity from batch_consumptions
            ) as u
            join stock_batches as b on b.id = u.batch_id
            where u.movement_id = %s
            group by 1
            """,
            (movement_id,),
        ).fetchall()
    )


def remaining(db: psycopg.Connection) -> dict[str, Decimal]:
    return dict(db.execute(REMAINING).fetchall())


# Order --------------------------------------------------------------------------------------------


def test_of_one_moment_the_batch_that_was_written_first_is_older(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True, batch_strategy="fifo")
    exact.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, batch_number)"
        " values (%(a)s, 'purchase', 5, 'L2'), (%(a)s, 'purchase', 5, 'L1')",
        {"a": a},
    )
    assert did(exact, move(exact, a, 6, "sale")) == {"L2": -5, "L1": -1}


def test_a_return_joins_what_the_same_transaction_brought_before_it(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    with exact.transaction():
        move(exact, a, 5, batch_number="L1", expiry_date="2030-01-01", unit_cost=5)
        move(
            exact, a, 1, "sale_return", batch_number="L1", expiry_date="2030-01-01", unit_cost=3
        )
    assert exact.execute(REMAINING).fetchall() == [("L1", 6)]


# Reversals and changes ----------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["now", "yesterday"])
def test_a_movement_and_its_reversal_in_one_transaction_leave_nothing(
    exact: psycopg.Connection, at: str
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 5, batch_number="L1", occurred_at="2020-01-01")
    with exact.transaction():
        sale = move(exact, a, 3, "sale")
        back = reverse(exact, sale, occurred_at=at)
    assert (did(exact, sale), did(exact, back)) == ({"L1": -3}, {"L1": 3})
    with exact.transaction():
        purchase = move(exact, a, 3)
        back = reverse(exact, purchase, occurred_at=at)
    assert remaining(exact)["L1"] == 5


@pytest.mark.parametrize("there", [0, 3])
def test_what_was_never_there_cannot_be_taken_and_given_back(
    exact: psycopg.Connection, there: int
) -> None:
    a = product(exact, tracks_batches=True)
    if there:
        move(exact, a, there, batch_number="L1")
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail=f"There are {there}, and 5 were asked for.",
    ), exact.transaction():
        reverse(exact, move(exact, a, 5, "sale"))
    assert stock(exact, a) == there


def test_what_came_in_by_the_date_later_can_be_taken_and_given_back(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    with exact.transaction():
        sale = move(exact, a, 5, "sale", occurred_at="2020-01-01")
        move(exact, a, 8, batch_number="L1", occurred_at="2020-01-02")
        reverse(exact, sale)
    assert remaining(exact) == {"L1": 8}


def test_a_reversal_follows_the_batch_of_what_it_reverses(exact: psycopg.Connection) -> None:
    a = product(exact, tracks_batches=True)
    for number in ("L1", "L2"):
        move(exact, a, 5, batch_number=number)
    sale = move(exact, a, 3, "sale")
    back = reverse(exact, sale)
    exact.execute("update stock_movements set batch_number = 'L2' where id = %s", (sale,))
    assert (did(exact, sale), did(exact, back)) == ({"L2": -3}, {"L2": 3})
    assert remaining(exact) == {"L1": 5, "L2": 5}


def test_a_receipt_is_corrected_in_its_own_batch_whatever_the_product_costs_now(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True, unit_cost=2)
    purchase = move(exact, a, 10)
    move(exact, a, 6, "sale")
    exact.execute("update products set unit_cost = 3")
    exact.execute("update stock_movements set quantity = 8 where id = %s", (purchase,))
    assert exact.execute("select cost_price, quantity_remaining from stock_batches").fetchall() == [
        (2, 2)
    ]


def test_what_is_corrected_after_tracking_began_anew_is_of_both_times(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 10)
    sale = move(exact, a, 4, "sale")
    exact.execute("update products set tracks_batches = false")
    exact.execute("update products set tracks_batches = true")
    exact.execute("update stock_movements set quantity = 5 where id = %s", (sale,))
    assert remaining(exact) == {"opening": 5}


def test_a_movement_under_way_while_another_product_ceases_to_track_is_not_lost(
    exact: psycopg.Connection, actor
) -> None:
    a, b = product(exact), product(exact, "B", tracks_batches=True)
    writer: Actor = actor("writer")
    writer("begin")
    for p in (a, b):
        writer(
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " values (%s, 'purchase', 4)",
            (p,),
        )
    with exact.transaction():
        exact.execute("update products set tracks_batches = not tracks_batches")
    writer("commit")
    assert remaining(exact) == {"opening": 4}
