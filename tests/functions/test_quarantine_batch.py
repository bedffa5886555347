"""A recall: by what is printed on the goods, at once, and against sales that are under way."""

from collections.abc import Callable

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
    wait_until_blocked,
)

QUARANTINE = "select * from stocksync.quarantine_batch(1, 'L-1')"


@pytest.fixture
def dairy(ledger: psycopg.Connection) -> psycopg.Connection:
    """Product 1: 5 of L-1 here, 3 in Paris, 2 at another cost; 10 of L-2."""
    ledger.execute("insert into locations (name) values ('Paris')")
    p = product(ledger, tracks_batches=True)
    for quantity, number, cost, place in ((5, "L-1", 1, None), (3, "L-1", 1, 1),
                                          (2, "L-1", 2, None), (10, "L-2", 1, None)):  # fmt: skip
        move(ledger, p, quantity, batch_number=number, unit_cost=cost, location_id=place)
    return ledger


def test_all_that_has_the_number_is_not_sold_and_lifting_takes_it_back(
    dairy: psycopg.Connection,
) -> None:
    assert dairy.execute(QUARANTINE).fetchall() == [
        (1, None, 5, "quarantined"), (3, None, 2, "quarantined"), (2, "Paris", 3, "quarantined")
    ]  # fmt: skip
    with raises_sql("SS001", 'insufficient stock of "A"'):
        move(dairy, 1, 11, "sale")
    with raises_sql("SS001", 'insufficient stock of "A"'):
        move(dairy, 1, 1, "sale", location_id=1)
    assert {row[3] for row in dairy.execute(QUARANTINE.replace("'L-1'", "'L-1', true"))} == {
        "active"
    }
    move(dairy, 1, 17, "sale")
    assert differences(dairy) == []


def test_it_can_still_be_written_off(dairy: psycopg.Connection) -> None:
    dairy.execute(QUARANTINE)
    move(dairy, 1, 7, "damage", batch_number="L-1")
    assert only(dairy, "select stocksync.available(1)") == 10


@pytest.mark.parametrize(
    "arrive",
    [
        "select stocksync.receive_batch(1, 1, 'L-1', p_unit_cost => 9)",
        "select stocksync.transfer_stock(1, 1, null, 2, p_batch_number => 'L-1')",
        "insert into stock_movements (product_id, transaction_type, quantity, location_id,"
        " batch_number) values (1, 'sale_return', 1, 2, 'L-1')",
    ],
)
def test_what_arrives_of_a_quarantined_number_is_quarantined_too(
    dairy: psycopg.Connection, arrive: str
) -> None:
    dairy.execute("insert into locations (name) values ('Rome')")
    dairy.execute(QUARANTINE)
    before = only(dairy, "select max(id) from stock_batches")
    dairy.execute(arrive)
    assert only(dairy, "select status from stock_batches where id > %s", (before,)) == (
        "quarantined"
    )


def test_a_change_is_logged_and_a_second_one_is_none(dairy: psycopg.Connection) -> None:
    for lift in ("false", "true"):
        for _ in range(2):
            dairy.execute(
                f"select stocksync.quarantine_batch(1, 'L-1', {lift}, p_reason => 'recall')"
            )
    assert dairy.execute(
        "select level, message, product_id, context - 'batches' from stocksync.log order by id"
    ).fetchall() == [
        ("warning", message, 1, {"batch_number": "L-1", "remaining": 10, "reason": "recall"})
        for message in ("batch quarantined", "quarantine of a batch lifted")
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("9, 'L-1'", "product 9 does not exist"),
        ("1, 'l-1'", 'product "A" has no batch "l-1"'),
        ("1, null", 'product "A" has no batch "<NULL>"'),
    ],
)
def test_what_is_not_there_is_refused(
    dairy: psycopg.Connection, arguments: str, message: str
) -> None:
    with raises_sql("P0002", message):
        dairy.execute(f"select stocksync.quarantine_batch({arguments})")


def test_retired_batches_are_refused(dairy: psycopg.Connection) -> None:
    dairy.execute("update products set tracks_batches = false")
    with raises_sql("P0002", 'product "A" has no batch "L-1"'):
        dairy.execute(QUARANTINE)
    assert only(dairy, "select count(*) from stocksync._passes") == 0


def test_an_operator_may_and_an_application_may_not(dairy: psycopg.Connection) -> None:
    with acting_as(dairy, "stocksync_operator"):
        dairy.execute(QUARANTINE)
    with (
        acting_as(dairy, "stocksync_app"),
        raises_sql("42501", "permission denied for function quarantine_batch"),
    ):
        dairy.execute(QUARANTINE)


def test_a_sale_that_waits_for_it_does_not_get_the_goods(
    dairy: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    recall, buyer = actor("recall"), actor("buyer")
    recall("begin")
    recall(QUARANTINE)
    sale = buyer.start(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (1, 'sale', 12)"
    )
    wait_until_blocked(dairy, "buyer")
    recall("commit")
    with raises_sql("SS001", 'insufficient stock of "A"'):
        sale.result(60)
    assert differences(dairy) == []


def test_it_waits_for_a_sale_and_keeps_what_is_left(
    dairy: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    recall, buyer = actor("recall"), actor("buyer")
    buyer("begin")
    buyer(
        "insert into stock_movements (product_id, transaction_type, quantity, batch_number)"
        " values (1, 'sale', 4, 'L-1')"
    )
    buyer("set constraints all immediate")
    waiting = recall.start(QUARANTINE)
    wait_until_blocked(dairy, "recall")
    buyer("commit")
    assert sum(row[2] for row in waiting.result(60)) == 6
    left = "select sum(quantity_remaining) from stock_batches where batch_number = 'L-1'"
    assert only(dairy, left) == 6
    assert differences(dairy) == []


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_a_sale_with_an_older_snapshot_does_not_get_the_goods(
    dairy: psycopg.Connection, actor: Callable[[str], Actor], isolation: str
) -> None:
    buyer = actor("buyer")
    buyer(f"begin isolation level {isolation}")
    buyer("select count(*) from products")
    dairy.execute(QUARANTINE)
    buyer(
        "insert into stock_movements (product_id, transaction_type, quantity, batch_number)"
        " values (1, 'sale', 4, 'L-1')"
    )
    with raises_sql("40001", "could not serialize access due to concurrent update"):
        buyer("commit")
    assert differences(dairy) == []
