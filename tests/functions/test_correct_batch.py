"""A slip of the pen on a batch is corrected where it lies, and wherever it has gone."""

from collections.abc import Callable
from decimal import Decimal

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

BATCHES = (
    "select id, batch_number, expiry_date::text, cost_price from stock_batches"
    " where status <> 'retired' order by id"
)


@pytest.fixture
def dairy(ledger: psycopg.Connection) -> psycopg.Connection:
    """Product 1: L-1 here and in Paris, L-1 at another cost, L-2."""
    ledger.execute("insert into locations (name) values ('Paris')")
    p = product(ledger, tracks_batches=True)
    for number, cost in (("L-1", 1), ("L-1", 2), ("L-2", 1)):
        move(ledger, p, 10, batch_number=number, unit_cost=cost, expiry_date="2030-01-01")
    ledger.execute("select stocksync.transfer_stock(1, 4, null, 1, p_batch_id => 1)")
    return ledger


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("p_batch_number => 'M-1'", ("M-1", "2030-01-01", 1)),
        ("p_expiry_date => '2031-01-01'", ("L-1", "2031-01-01", 1)),
        ("p_expiry_date => 'infinity'", ("L-1", None, 1)),
        ("p_cost_price => 0.5", ("L-1", "2030-01-01", Decimal("0.5"))),
        ("'M-1', '2031-01-01', 3", ("M-1", "2031-01-01", 3)),
    ],
)
@pytest.mark.parametrize("batch", [1, 4])
def test_what_is_alike_is_corrected_with_it(
    dairy: psycopg.Connection, batch: int, arguments: str, expected: tuple[object, ...]
) -> None:
    before = {row[0]: row[1:] for row in dairy.execute(BATCHES)}
    rows = dairy.execute(
        f"select batch_id, location, batch_number, expiry_date::text, cost_price"
        f" from stocksync.correct_batch({batch}, {arguments})"
    ).fetchall()
    assert rows == [(1, None, *expected), (4, "Paris", *expected)]
    assert {row[0]: row[1:] for row in dairy.execute(BATCHES)} == before | {
        1: expected, 4: expected
    }  # fmt: skip
    assert differences(dairy) == []


def test_the_next_sale_follows_the_right_date(dairy: psycopg.Connection) -> None:
    dairy.execute("select stocksync.correct_batch(3, p_expiry_date => '2029-01-01')")
    move(dairy, 1, 1, "sale")
    assert only(dairy, "select quantity_remaining from stock_batches where id = 3") == 9


def test_one_that_gets_a_quarantined_number_is_quarantined(dairy: psycopg.Connection) -> None:
    dairy.execute("select stocksync.quarantine_batch(1, 'L-2')")
    dairy.execute("select stocksync.correct_batch(1, 'L-2', '2031-01-01')")
    assert dairy.execute("select id, status from stock_batches order by id").fetchall() == [
        (1, "quarantined"), (2, "active"), (3, "quarantined"), (4, "quarantined")
    ]  # fmt: skip


def test_it_is_logged_with_both_values(dairy: psycopg.Connection) -> None:
    dairy.execute(
        "select stocksync.correct_batch(1, p_expiry_date => 'infinity', p_reason => 'typo')"
    )
    assert dairy.execute(
        "select level, message, product_id, context from stocksync.log order by id desc limit 1"
    ).fetchall() == [
        (
            "warning", "batch corrected", 1,
            {
                "batches": [1, 4], "batch_number": "L-1", "old_expiry_date": "2030-01-01",
                "new_expiry_date": "infinity", "reason": "typo",
            },
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "message"),
    [
        ("99, 'X'", "P0002", "batch 99 does not exist"),
        ("null, 'X'", "P0002", "batch <NULL> does not exist"),
        ("1", "22023", "nothing is to be corrected"),
        ("1, p_cost_price => 2", "23505",
         'duplicate key value violates unique constraint "stock_batches_alike_idx"'),
        ("1, ' '", "23514",
         'new row for relation "stock_batches" violates check constraint'
         ' "stock_batches_number_not_empty"'),
        ("1, p_cost_price => 'NaN'", "23514",
         'new row for relation "stock_batches" violates check constraint'
         ' "stock_batches_cost_price_finite"'),
        ("1, p_cost_price => -1", "23514",
         'new row for relation "stock_batches" violates check constraint'
         ' "stock_batches_cost_price_finite"'),
        ("1, p_expiry_date => '-infinity'", "23514",
         'new row for relation "stock_batches" violates check constraint'
         ' "stock_batches_expiry_date_bounded"'),
    ],
)  # fmt: skip
def test_bad_input_is_refused(
    dairy: psycopg.Connection, arguments: str, sqlstate: str, message: str
) -> None:
    before = dairy.execute(BATCHES).fetchall()
    with raises_sql(sqlstate, message):
        dairy.execute(f"select stocksync.correct_batch({arguments})")
    assert dairy.execute(BATCHES).fetchall() == before
    assert only(dairy, "select count(*) from stocksync._passes") == 0


def test_a_retired_one_is_refused(dairy: psycopg.Connection) -> None:
    dairy.execute("update products set tracks_batches = false")
    with raises_sql("55000", 'batch "L-1" is retired'):
        dairy.execute("select stocksync.correct_batch(1, 'M-1')")


def test_an_operator_may_and_an_application_may_not(dairy: psycopg.Connection) -> None:
    with acting_as(dairy, "stocksync_operator"):
        dairy.execute("select stocksync.correct_batch(1, 'M-1')")
    with (
        acting_as(dairy, "stocksync_app"),
        raises_sql("42501", "permission denied for function correct_batch"),
    ):
        dairy.execute("select stocksync.correct_batch(1, 'N-1')")


def test_a_sale_that_waits_for_it_follows_the_right_date(
    dairy: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    clerk, buyer = actor("clerk"), actor("buyer")
    clerk("begin")
    clerk("select stocksync.correct_batch(3, p_expiry_date => '2029-01-01')")
    sale = buyer.start(
        "insert into stock_movements (product_id, transaction_type, quantity) values (1, 'sale', 1)"
    )
    wait_until_blocked(dairy, "buyer")
    clerk("commit")
    sale.result(60)
    assert only(dairy, "select quantity_remaining from stock_batches where id = 3") == 9
    assert differences(dairy) == []
