"""A delivery: booked once, and its batch returned at once."""

from decimal import Decimal

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, stock

COST = Decimal("0.89")
CALL = (
    "select * from stocksync.receive_batch(1, 24, 'L-1', '2030-12-07', 0.89,"
    " p_idempotency_key => 'k', p_reference => 'PO-1', p_user_id => 'ann', p_notes => 'n')"
)


def test_the_batch_of_a_delivery_is_returned(ledger: psycopg.Connection) -> None:
    p = product(ledger, tracks_batches=True)
    [(movement, batch, number, expires, *figures)] = ledger.execute(CALL).fetchall()
    assert (number, str(expires), figures) == ("L-1", "2030-12-07", [COST, 24, 24])
    assert ledger.execute(
        "select product_id, transaction_type, quantity, unit_cost, reference, user_id, notes,"
        " batch_number from stock_movements where id = %s",
        (movement,),
    ).fetchall() == [(p, "purchase", 24, COST, "PO-1", "ann", "n", "L-1")]
    assert only(ledger, "select id from stock_batches") == batch
    assert stock(ledger, p) == 24
    assert differences(ledger) == []


def test_the_same_goods_are_the_same_batch_and_others_are_not(ledger: psycopg.Connection) -> None:
    product(ledger, tracks_batches=True)
    call = "select batch_id, received, remaining from stocksync.receive_batch(1, %s, %s, %s, %s)"
    assert ledger.execute(call, (24, "L-1", "2030-12-07", COST)).fetchall() == [(1, 24, 24)]
    assert ledger.execute(call, (6, "L-1", "2030-12-07", COST)).fetchall() == [(1, 6, 30)]
    # what is left out is as the batch has it
    assert ledger.execute(call, (1, "L-1", None, None)).fetchall() == [(1, 1, 31)]
    for other in (("L-2", "2030-12-07", COST), ("L-1", "2030-12-08", COST), ("L-1", None, 1)):
        [(batch, received, remaining)] = ledger.execute(call, (5, *other)).fetchall()
        assert (batch > 1, received, remaining) == (True, 5, 5)
    assert differences(ledger) == []


def test_a_delivery_without_a_number_is_a_batch_of_its_own(ledger: psycopg.Connection) -> None:
    product(ledger, tracks_batches=True, unit_cost=3)
    for _ in range(2):
        [(movement, number, expires, cost)] = ledger.execute(
            "select movement_id, batch_number, expiry_date, cost_price"
            " from stocksync.receive_batch(1, 5)"
        ).fetchall()
        assert (number, expires, cost) == (f"#{movement}", None, 3)


def test_a_retry_returns_the_same_batch_and_books_nothing(ledger: psycopg.Connection) -> None:
    p = product(ledger, tracks_batches=True)
    first = ledger.execute(CALL).fetchall()
    assert ledger.execute(CALL).fetchall() == first
    move(ledger, p, 20, "sale")
    assert ledger.execute(CALL).fetchall() == [(*first[0][:-1], 4)]
    assert stock(ledger, p) == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [("'L-1'", "'L-2'"), ("'L-1'", "null"), ("2030-12-07", "2030-12-08"), ("'2030-12-07'", "null"),
     ("24", "25"), ("0.89", "0.9"), ("'PO-1'", "null")],
)  # fmt: skip
def test_the_same_key_with_another_content_is_refused(
    ledger: psycopg.Connection, old: str, new: str
) -> None:
    product(ledger, tracks_batches=True)
    ledger.execute(CALL)
    with raises_sql("SS002", 'idempotency key "k" belongs to another movement'):
        ledger.execute(CALL.replace(old, new))


def test_several_in_one_transaction_see_each_other(ledger: psycopg.Connection) -> None:
    p = product(ledger, tracks_batches=True)
    with ledger.transaction():
        move(ledger, p, 1, batch_number="L-1", expiry_date="2030-12-07", unit_cost=COST)
        assert ledger.execute(CALL).fetchall()[0][-1] == 25
        move(ledger, p, 25, "sale")
        with ledger.transaction(force_rollback=True):
            ledger.execute("select stocksync.receive_batch(1, 5)")
    assert stock(ledger, p) == 0
    assert differences(ledger) == []


def test_a_return_says_into_which_batches_it_went(ledger: psycopg.Connection) -> None:
    p = product(ledger, tracks_batches=True)
    for number, day in (("L-1", 1), ("L-2", 2)):
        move(ledger, p, 5, batch_number=number, expiry_date=f"2030-01-0{day}")
    move(ledger, p, 8, "sale", reference="R-1")
    assert ledger.execute(
        "select batch_number, received, remaining from stocksync.receive_batch(1, 8,"
        " p_transaction_type => 'sale_return', p_reference => 'R-1')"
    ).fetchall() == [("L-1", 5, 5), ("L-2", 3, 5)]
    assert differences(ledger) == []


def test_a_product_that_does_not_track_batches_is_refused_with_a_hint(
    ledger: psycopg.Connection,
) -> None:
    product(ledger, "TEA")
    with raises_sql(
        "55000",
        'product "TEA" does not track batches',
        message_hint='Let it, with "stocksync batch track --sku TEA"; or insert a movement without'
        " a batch.",
    ):
        ledger.execute("select stocksync.receive_batch(1, 5, 'L-1')")


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "message"),
    [
        ("9, 5", "P0002", "product 9 does not exist"),
        ("null, 5", "P0002", "product <NULL> does not exist"),
        ("1, 5, p_transaction_type => 'sale'", "22023", 'nothing comes in by "sale"'),
        ("1, 5, p_transaction_type => 'x'", "23503", 'unknown transaction type "x"'),
        ("1, 'NaN'", "23514",
         'new row for relation "stock_movements" violates check constraint'
         ' "stock_movements_quantity_bounded"'),
        ("1, 5, ' '", "23514",
         'new row for relation "stock_batches" violates check constraint'
         ' "stock_batches_number_not_empty"'),
        ("1, 5, 'L', 'infinity'", "23514",
         'new row for relation "stock_batches" violates check constraint'
         ' "stock_batches_expiry_date_bounded"'),
        ("1, 5, 'L', null, 'NaN'", "23514",
         'new row for relation "stock_movements" violates check constraint'
         ' "stock_movements_unit_cost_finite"'),
    ],
)  # fmt: skip
def test_what_cannot_be_received_leaves_nothing(
    ledger: psycopg.Connection, arguments: str, sqlstate: str, message: str
) -> None:
    p = product(ledger, tracks_batches=True)
    with raises_sql(sqlstate, message):
        ledger.execute(f"select stocksync.receive_batch({arguments})")
    assert stock(ledger, p) == 0
    assert only(ledger, "select count(*) from stock_batches") == 0


def test_an_application_may_call_it(ledger: psycopg.Connection) -> None:
    product(ledger, tracks_batches=True)
    with acting_as(ledger, "stocksync_app"):
        assert len(ledger.execute(CALL).fetchall()) == 1
