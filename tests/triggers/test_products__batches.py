"""Batch tracking is switched on and off by updating a column."""

import psycopg
import pytest
from helpers import (
    Actor,
    acting_as,
    differences,
    move,
    only,
    product,
    raises_sql,
    stock,
    wait_until_blocked,
)

BATCHES = (
    "select batch_number, location_id, quantity_received, quantity_remaining, cost_price, status"
    " from stock_batches order by id"
)


def track(db: psycopg.Connection, product_id: int, on: bool = True) -> None:
    db.execute("update products set tracks_batches = %s where id = %s", (on, product_id))


def test_what_is_there_becomes_an_opening_batch_at_each_place(ledger: psycopg.Connection) -> None:
    a = product(ledger, unit_cost="2.50")
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, 10)
    move(ledger, a, 4, location_id=1)
    track(ledger, a)
    assert [row[:4] for row in ledger.execute(BATCHES)] == [
        ("opening", None, 10, 10),
        ("opening", 1, 4, 4),
    ]
    assert only(ledger, "select min(cost_price) from stock_batches") * 2 == 5
    move(ledger, a, 3, "sale")
    assert only(ledger, "select quantity_remaining from stock_batches where id = 1") == 7
    assert differences(ledger) == []


def test_a_product_without_stock_begins_without_batches(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    track(ledger, a)
    assert ledger.execute(BATCHES).fetchall() == []


def test_below_zero_it_cannot_begin(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    place = only(ledger, "insert into locations (name) values ('shelf') returning id")
    move(ledger, a, 5)
    move(ledger, a, 3, "sale", location_id=place)
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail='There are -3 at "shelf", and no batch can have less than nothing.',
        message_hint='Count it first, with "stocksync count".',
    ):
        track(ledger, a)
    assert only(ledger, "select tracks_batches from products") is False


def test_what_the_transaction_wrote_before_is_in_the_opening_batch_once(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    with ledger.transaction():
        move(ledger, a, 10)
        move(ledger, a, 3, "sale")
        track(ledger, a)
        move(ledger, a, 5, batch_number="L1")
        move(ledger, a, 8, "sale")
    assert [row[:4] for row in ledger.execute(BATCHES)] == [
        ("opening", None, 7, 0),
        ("L1", None, 5, 4),
    ]
    assert stock(ledger, a) == 4
    assert differences(ledger) == []


@pytest.mark.parametrize(
    ("before", "left"),
    [
        ("insert into stock_movements (product_id, transaction_type, quantity)"
         " values (%s, 'sale', 2)", 14),
        ("update stock_movements set product_id = %s where transaction_type = 'damage'", 13),
        ("delete from stock_movements where product_id = %s and quantity = 4", 12),
    ],
    ids=["insert", "update", "delete"],
)  # fmt: skip
def test_what_the_transaction_took_before_it_began_was_there(
    ledger: psycopg.Connection, before: str, left: int
) -> None:
    a, b = product(ledger), product(ledger, "B")
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, 14)
    move(ledger, a, 4)
    move(ledger, b, 3, "damage")
    with ledger.transaction():
        ledger.execute(before, (a,))
        move(ledger, a, 5, "transfer_out")
        move(ledger, a, 5, "transfer_in", location_id=1)
        track(ledger, a)
        move(ledger, a, 2, "sale")
    assert stock(ledger, a) == left
    assert [row[:4] for row in ledger.execute(BATCHES)] == [
        ("opening", None, left - 5 + 2, left - 5),
        ("opening", 1, 5, 5),
    ]
    assert differences(ledger) == []


@pytest.mark.parametrize(("kind", "left"), [("purchase", 14), ("sale", 6)])
def test_what_another_transaction_has_under_way_joins_the_opening_batch(
    ledger: psycopg.Connection, actor, kind: str, left: int
) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    writer: Actor = actor("writer")
    writer("begin")
    writer(
        "insert into stock_movements (product_id, transaction_type, quantity) values (%s, %s, 4)",
        (a, kind),
    )
    track(ledger, a)
    writer("commit")
    assert [row[:4] for row in ledger.execute(BATCHES)] == [("opening", None, left, left)]
    assert differences(ledger) == []


def test_a_sale_under_way_that_makes_it_negative_is_refused(
    ledger: psycopg.Connection, actor
) -> None:
    a = product(ledger)
    move(ledger, a, 3)
    writer: Actor = actor("writer")
    writer("begin")
    writer(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%s, 'sale', 4)",
        (a,),
    )
    track(ledger, a)
    with raises_sql("SS001", 'insufficient stock of "A"'):
        writer("commit")
    assert stock(ledger, a) == 3
    assert differences(ledger) == []


def test_a_writer_waits_for_the_switch_and_then_uses_batches(
    ledger: psycopg.Connection, actor
) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    writer: Actor = actor("writer")
    with ledger.transaction():
        track(ledger, a)
        done = writer.start(
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " values (%s, 'sale', 4)",
            (a,),
        )
        wait_until_blocked(ledger, "writer")
    done.result()
    assert only(ledger, "select quantity_remaining from stock_batches") == 6
    assert differences(ledger) == []


def test_switched_off_the_batches_are_retired(ledger: psycopg.Connection) -> None:
    a = product(ledger, tracks_batches=True)
    move(ledger, a, 10, batch_number="L1", unit_cost=4)
    sale = move(ledger, a, 4, "sale")
    track(ledger, a, on=False)
    move(ledger, a, 2, "sale")
    assert ledger.execute(BATCHES).fetchall() == [("L1", None, 10, 6, 4, "retired")]
    # and on again: what is there, whatever became of the old batches
    track(ledger, a)
    assert [(*row[:4], row[5]) for row in ledger.execute(BATCHES)] == [
        ("L1", None, 10, 6, "retired"),
        ("opening", None, 4, 4, "active"),
    ]
    ledger.execute("select stocksync.reverse_movement(%s, 'cancelled')", (sale,))
    assert stock(ledger, a) == 8
    assert differences(ledger) == []


@pytest.mark.parametrize("strategy", ["fewo", "", None, "FEFO"])
def test_an_unknown_strategy_is_refused(ledger: psycopg.Connection, strategy: str | None) -> None:
    a = product(ledger)
    code = "23514" if strategy is not None else "23502"
    with pytest.raises(psycopg.Error) as raised:
        ledger.execute("update products set batch_strategy = %s where id = %s", (strategy, a))
    assert raised.value.sqlstate == code
    with pytest.raises(psycopg.Error) as raised:
        product(ledger, "B", batch_strategy=strategy)
    assert raised.value.sqlstate == code


def test_the_application_switches_it(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with acting_as(ledger, "stocksync_app"):
        track(ledger, a)
        track(ledger, a)
        move(ledger, a, 4, "sale")
    assert only(ledger, "select quantity_remaining from stock_batches") == 6
    assert only(ledger, "select message from stocksync.log") == "batch tracking switched on"


def test_a_deleted_product_takes_its_batches_with_it(ledger: psycopg.Connection) -> None:
    a = product(ledger, tracks_batches=True)
    move(ledger, a, 10)
    move(ledger, a, 4, "sale")
    with ledger.transaction():
        ledger.execute("delete from stock_movements")
        ledger.execute("delete from products")
    for table in ("stock_batches", "batch_receipts", "batch_consumptions"):
        assert only(ledger, f"select count(*) from {table}") == 0
